"""PostgreSQL starts, stops, is killed and starts again with what was committed; it is shut to others."""

import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from simulator.child import ROOT, ChildError
from simulator.leash import Leash
from simulator.postgres import Postgres
from simulator.postgres_programs import children, found_programs
from tests.waiting import gone, until

SIMULATOR = """
import sys, time
from pathlib import Path
from simulator.leash import Leash
from simulator.postgres import Postgres
server = Postgres(Path(sys.argv[1]), Leash())
server.start()
print(server._child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def folder(postgres: Postgres) -> Iterator[Path]:
    """Where a server of our own can live, on a machine that has one."""
    with tempfile.TemporaryDirectory(prefix="tapledger-postgres-") as path:
        Path(path).chmod(0o711)  # a server in a folder below it may run as somebody else
        yield Path(path)


def one(url: str, statement: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(statement).fetchone()
    assert row is not None
    return row[0]


def processes(server: Postgres) -> list[int]:
    assert server._child.pid is not None
    return [server._child.pid, *children(server._child.pid)]


def test_a_database_is_empty_and_belongs_to_a_user_without_powers(postgres: Postgres) -> None:
    url = postgres.create("books")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE account (id int)")
        rolsuper = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert rolsuper.fetchone() == (False,)
    postgres.drop("books")
    postgres.drop("books")
    url = postgres.create("books")
    still_open = psycopg.connect(url)
    tables = still_open.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    assert tables.fetchone() == (0,)
    postgres.drop("books")
    still_open.close()
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


def test_each_test_has_a_database_of_its_own(postgres: Postgres, postgres_url: str) -> None:
    name = one(postgres_url, "SELECT current_database()")
    assert postgres_url == postgres.url(str(name))
    other = postgres.create("other")
    assert one(other, "SELECT current_database()") != name
    postgres.drop("other")


def test_nobody_gets_in_without_the_password(postgres: Postgres) -> None:
    url = postgres.url("postgres").replace(postgres._password, "guess")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url)


def test_it_listens_on_this_machine_only(postgres: Postgres) -> None:
    with socket.socket() as other:
        # Another address of the machine: on Linux all of 127/8 is the machine itself.
        assert other.connect_ex(("127.0.0.2", postgres.port)) != 0


def test_only_the_fast_one_does_not_wait_for_the_disk(postgres: Postgres, durable_postgres: Postgres) -> None:
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert one(postgres.url("postgres"), f"SHOW {setting}") == "off"
        assert one(durable_postgres.url("postgres"), f"SHOW {setting}") == "on"


def test_it_keeps_port_and_books_over_a_restart(durable_postgres: Postgres) -> None:
    url = durable_postgres.create("books")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE sale AS SELECT 7 AS fen")
    waits = psycopg.connect(url)  # a client that stays does not hold it up
    durable_postgres.stop()
    assert not durable_postgres.alive
    with pytest.raises(psycopg.OperationalError):
        waits.execute("SELECT 1")
    waits.close()
    durable_postgres.stop()
    durable_postgres.start()
    assert durable_postgres.url("books") == url
    assert one(url, "SELECT fen FROM sale") == 7


def test_killed_while_it_books_it_keeps_what_was_committed_and_nothing_else(
    durable_postgres: Postgres,
) -> None:
    url = durable_postgres.create("books")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE sale (number int PRIMARY KEY)")
    acknowledged: list[int] = []

    def book() -> None:
        with psycopg.connect(url) as connection:
            for number in range(1_000_000):
                connection.execute("INSERT INTO sale VALUES (%s)", (number,))
                connection.commit()
                acknowledged.append(number)

    def book_until_killed() -> None:
        with pytest.raises(psycopg.OperationalError):
            book()

    for _ in range(3):
        with psycopg.connect(url) as connection:
            connection.execute("TRUNCATE sale")
        acknowledged.clear()
        undone = psycopg.connect(url)
        undone.execute("INSERT INTO sale VALUES (-1)")
        thread = threading.Thread(target=book_until_killed)
        thread.start()
        until(lambda: len(acknowledged) > 50)
        before = processes(durable_postgres)
        assert len(before) > 3
        durable_postgres.kill()
        assert not durable_postgres.alive
        until(lambda before=before: all(gone(pid) for pid in before))
        thread.join()
        undone.close()
        durable_postgres.start()
        with psycopg.connect(url) as connection:
            kept = [number for (number,) in connection.execute("SELECT number FROM sale ORDER BY number")]
        # The last commit may have reached the disk without an answer.
        assert kept in (acknowledged, [*acknowledged, len(acknowledged)])


def test_a_kill_takes_along_a_process_that_computes_and_looks_at_nothing(durable_postgres: Postgres) -> None:
    url = durable_postgres.create("books")

    def compute() -> None:
        with pytest.raises(psycopg.OperationalError), psycopg.connect(url) as connection:
            connection.execute("SELECT count(*) FROM generate_series(1, 100000000000)")

    thread = threading.Thread(target=compute)
    thread.start()
    busy = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
    until(lambda: one(url, busy) == 1)
    before = processes(durable_postgres)
    durable_postgres.kill()
    until(lambda: all(gone(pid) for pid in before))
    thread.join()
    durable_postgres.start()
    assert one(url, "SELECT 1") == 1


def test_it_can_be_killed_when_it_does_not_run(folder: Path, leash: Leash) -> None:
    server = Postgres(folder, leash, fast=True)
    server.kill()
    server.start()
    server.kill()
    server.kill()
    assert not server.alive


def test_each_postgresql_of_this_machine_starts(folder: Path, leash: Leash) -> None:
    for number, programs in enumerate(found_programs()):
        server = Postgres(folder / str(number), leash, fast=True, programs=programs)
        server.start()
        assert one(server.create("books"), "SELECT 1") == 1
        server.stop()


def test_it_dies_with_a_killed_simulator(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SIMULATOR, str(folder)], cwd=ROOT, stdout=subprocess.PIPE
    ) as simulator:
        assert simulator.stdout is not None
        postmaster = int(simulator.stdout.readline())
        # the one that answered whether it had started may be ending just now
        all_of_it = [pid for pid in (postmaster, *children(postmaster)) if not gone(pid)]
        assert postmaster in all_of_it
        assert len(all_of_it) > 1
        simulator.send_signal(signal.SIGKILL)
    until(lambda: all(gone(pid) for pid in all_of_it))


def test_one_that_does_not_start_is_named_with_its_log(folder: Path, leash: Leash) -> None:
    server = Postgres(folder, leash, fast=True)
    server.start()
    server.stop()
    (folder / "data" / "postgresql.auto.conf").write_text("shared_buffers = 'a lot'\n")
    sentence = rf"did not start on 127\.0\.0\.1:{server.port}: .*FATAL.*Its log is .*postgres\.log"
    with pytest.raises(ChildError, match=sentence):
        server.start()
    assert not server.alive


def test_a_folder_that_cannot_be_used_is_said(folder: Path, leash: Leash) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "something").write_text("of somebody")
    with pytest.raises(ChildError, match="PostgreSQL's initdb: "):
        Postgres(folder, leash).start()


def test_a_port_that_others_took_meanwhile_is_given_up(folder: Path, leash: Leash) -> None:
    server = Postgres(folder, leash, fast=True)
    taken = server.port
    with socket.socket() as other:
        other.bind(("127.0.0.1", taken))
        server.start()
        assert server.port != taken
    server.stop()


def test_without_postgresql_it_says_what_to_install(
    tmp_path: Path, leash: Leash, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.postgres.found_programs", list)
    with pytest.raises(ChildError, match="apt install postgresql"):
        Postgres(tmp_path, leash)
