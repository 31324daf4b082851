import itertools
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from host import cli, folder, installation, operators
from host.db import engine, schema, whereabouts
from host.errors import EXIT_USAGE, HostError
from tests.host.process import refuses, run
from tests.host.rig import Shop, empty_books, open_shop

# What takes long to load: of a server's books, of the pages, of the broker's line, of certificates.
SLOW = [
    "alembic",
    "cryptography.x509",
    "flask",
    "gunicorn",
    "openpyxl",
    "paho",
    "psycopg",
    "rich",
    "sqlalchemy",
]
LOADED = """
import sys
from host import cli
for name in sys.argv[1:]:
    assert cli.cli.get_command(None, name).name == name
print(*(name for name in %r if sys.modules.get(name)))
"""


def test_commands_load_nothing_slow_that_another_needs() -> None:
    """serve has the broker's line, and broker makes certificates."""
    names = [name for name in cli.COMMANDS if name not in ("serve", "broker")]
    done = subprocess.run([sys.executable, "-c", LOADED % SLOW, *names], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("\n", "")


def test_help_names_every_command() -> None:
    listed = run("--help").stdout.partition("Commands:")[2]
    assert [line.split()[0] for line in listed.splitlines() if line.strip()] == list(cli.COMMANDS)
    assert len(listed.split()) > 5 * len(cli.COMMANDS)  # and says what it does


def test_a_command_that_is_not_there_is_refused() -> None:
    assert run("sell").returncode == EXIT_USAGE


def test_init_makes_private_files_and_again_changes_nothing(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    assert "is ready." in run("init", "--data", str(data), "--demo").stdout
    for name in ("keys.sealed", "passphrase", "operator-token"):
        assert stat.S_IMODE((data / name).stat().st_mode) == 0o600
    before = {file.name: file.read_bytes() for file in data.iterdir() if file.suffix != ".db"}
    assert "nothing changed" in run("init", "--data", str(data), "--demo").stdout
    assert {file.name: file.read_bytes() for file in data.iterdir() if file.suffix != ".db"} == before


def test_init_of_older_books_does_not_say_that_nothing_changed(tmp_path: Path) -> None:
    data = str(tmp_path)
    run("init", "--data", data, "--demo")
    connection = engine.connect(whereabouts.place(tmp_path))
    schema.migrate(connection, data, "0028")
    connection.close()
    assert "is of an older version: run `tapledger init" in refuses(4, "verify", "--data", data)
    assert run("init", "--data", data, "--demo").stdout == f"{data} is ready.\n"
    assert run("verify", "--data", data).returncode == 0


def test_the_folder_and_all_files_in_it_are_private(tmp_path: Path) -> None:
    data = tmp_path / "data"
    before = os.umask(0o022)
    try:
        installation.init(data, None, demo=True)
        opened = installation.open_(data, None)
        with folder.lock(data), opened.database.write() as connection:
            connection.execute("INSERT INTO settings VALUES ('x', 'y')")
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in data.iterdir()}
    finally:
        os.umask(before)
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert set(modes) >= {"tapledger.db", "tapledger.db-wal", "lock", "keys.sealed"}
    assert set(modes.values()) == {0o600}


def killed_init(data: Path, step: int) -> int:
    """init in a process that dies at this one of its steps on the disk -> minus the signal's number."""
    empty_books()  # loads what the schema's steps need, here once and not in every child
    child = os.fork()
    if child == 0:
        left = itertools.count(step - 1, -1)

        def deadly(real: Callable[..., None]) -> Callable[..., None]:
            def call(*args: object) -> None:
                if next(left) == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                real(*args)

            return call

        os.fsync, os.link = deadly(os.fsync), deadly(os.link)
        try:
            installation.init(data, None, demo=True)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("step", range(1, 10))  # three files: content, name, folder of each
def test_an_init_that_was_killed_is_finished_by_the_next(tmp_path: Path, step: int) -> None:
    data = tmp_path / "data"
    assert killed_init(data, step) == -signal.SIGKILL
    for name in ("keys.sealed", "passphrase", "operator-token"):
        assert not (data / name).exists() or (data / name).stat().st_size > 20, "whole or not there"
    with pytest.raises(HostError, match="tapledger init"):
        installation.open_(data, None)
    assert installation.init(data, None, demo=True)
    opened = installation.open_(data, None)
    with opened.database.read() as connection:
        held = operators.by_token(connection, (data / "operator-token").read_text().strip())
    assert held is not None and held.name == "desk"
    assert opened.setting("client_id") and not list(data.glob("*.part"))
    assert not installation.init(data, None, demo=True)


def test_a_ready_file_that_cannot_be_is_one_sentence(data: Path, tmp_path: Path) -> None:
    for place in (tmp_path / "none" / "ready.json", tmp_path):
        sentence = refuses(4, "serve", "--data", str(data), "--port", "0", "--ready-file", str(place))
        assert "--ready-file" in sentence


def test_damaged_books_are_one_sentence(data: Path, shop: Shop) -> None:
    shop.card(10_000)
    shop.opened.database.close()
    path = data / "tapledger.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + bytes(len(whole) - 4096))  # its first page, with the schema, is left
    for command in (["verify"], ["serve", "--port", "0"], ["init"]):
        assert "Restore it from a backup" in refuses(4, *command, "--data", str(data))
    path.write_bytes(b"no database at all" * 1000)
    for command in (["verify"], ["serve", "--port", "0"], ["init"]):
        assert "Restore it from a backup" in refuses(4, *command, "--data", str(data))


def test_inits_at_the_same_time_make_one_installation(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: run("init", "--data", str(data), "--demo"), range(4)))
    assert [process.returncode for process in done] == [0] * 4, [process.stderr for process in done]
    said = sorted(process.stdout for process in done)
    assert said == [f"{data} is ready.\n"] + [f"{data} was ready already; nothing changed.\n"] * 3


def test_init_with_a_passphrase_of_ones_own_keeps_no_copy(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("correct horse\n")
    data = str(tmp_path / "data")
    assert run("init", "--data", data, "--passphrase-file", str(secret)).returncode == 0
    assert not (tmp_path / "data" / "passphrase").exists()
    secret.write_text("wrong\n")
    assert "does not open" in refuses(4, "init", "--data", data, "--passphrase-file", str(secret))
    assert "does not open" in refuses(
        4, "serve", "--data", data, "--passphrase-file", str(secret), "--port", "0"
    )
    assert "no passphrase" in refuses(4, "serve", "--data", data, "--port", "0")
    secret.write_text("")
    assert "is empty" in refuses(4, "init", "--data", data, "--passphrase-file", str(secret))


def test_folders_that_cannot_be_used_are_one_sentence(tmp_path: Path, data: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert "is a file" in refuses(4, "init", "--data", str(file), "--demo")
    assert "cannot be made" in refuses(4, "init", "--data", "/proc/tapledger", "--demo")
    assert "--passphrase-file FILE, or --demo" in refuses(4, "init", "--data", str(tmp_path / "x"))
    assert "tapledger init" in refuses(4, "serve", "--data", str(tmp_path / "none"), "--port", "0")
    assert "tapledger init" in refuses(4, "verify", "--data", str(tmp_path / "none"))
    (data / "keys.sealed").write_bytes(b"{")
    assert "damaged" in refuses(4, "serve", "--data", str(data), "--port", "0")


def test_a_folder_without_the_right_to_write_is_one_sentence(tmp_path: Path, mocker: MockerFixture) -> None:
    mocker.patch("os.access", return_value=False)  # root, as whom CI may run, has every right
    with pytest.raises(HostError, match="cannot be written: change its rights"):
        installation.init(tmp_path, None, demo=True)
    assert list(tmp_path.iterdir()) == []


def test_arguments_that_make_no_sense_end_with_code_2(data: Path) -> None:
    for arguments in (
        ["--mqtt", "nowhere"],
        ["--mqtt", "h:0"],
        ["--mqtt", "h:x"],
        ["--port", "x"],
        ["--port", "70000"],
        ["--no"],
    ):
        assert run("serve", "--data", str(data), *arguments).returncode == 2
    assert run("nonsense").returncode == 2
    assert run("--version").stdout.startswith("tapledger")


def test_a_port_in_use_is_one_sentence_and_code_3(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        sentence = refuses(3, "serve", "--data", str(data), "--port", port)
    assert port in sentence and "choose another with --port" in sentence


def test_verify_names_what_does_not_hold_and_ends_with_code_1(tmp_path: Path) -> None:
    shop = open_shop(tmp_path / "tampered")
    shop.card(10_000)
    with shop.opened.database.write() as connection:
        connection.execute("UPDATE accounts SET balance = balance + 1 WHERE kind = 'card'")
        books = "INSERT INTO accounts (owner, unit, kind, below_zero) VALUES (?, 'CNY', 'cash', 'yes')"
        connection.execute(books, ("会所\x1b[2J\n",))
    done = run("verify", "--data", str(shop.opened.data))
    assert done.returncode == 1
    assert "(cash) is of 会所\\x1b[2J\\n, whom the books do not know" in done.stdout, "and clears no screen"
    assert "FAILS  every balance equals" in done.stdout and "says 10001, its transfers 10000" in done.stdout
    assert "a promise is broken" in done.stdout


def test_books_are_begun_in_the_database_that_is_named_and_stay_there(
    tmp_path: Path, postgres_url: str
) -> None:
    data = str(tmp_path / "data")
    named = ("init", "--data", data, "--demo", "--database")
    assert run(*named, postgres_url).returncode == 0
    assert stat.S_IMODE((tmp_path / "data" / "database").stat().st_mode) == 0o600
    assert not (tmp_path / "data" / "tapledger.db").exists()
    assert "nothing changed" in run("init", "--data", data, "--demo").stdout
    assert "nothing changed" in run(*named, postgres_url).stdout
    password = postgres_url.split(":")[2].split("@")[0]
    sentence = refuses(4, *named, "postgresql://elsewhere/books")
    assert "stay there" in sentence and password not in sentence
    done = run("verify", "--data", data)
    assert done.returncode == 0 and "all promises hold" in done.stdout


def test_an_address_that_is_none_is_one_sentence_and_leaves_nothing(tmp_path: Path, data: Path) -> None:
    fresh = tmp_path / "fresh"
    for address in ("", "books.db", "mysql://host/books", "http://host"):
        sentence = refuses(4, "init", "--data", str(fresh), "--demo", "--database", address)
        assert "postgresql://USER@HOST/NAME" in sentence
    assert list(fresh.iterdir()) == []
    sentence = refuses(4, "init", "--data", str(data), "--demo", "--database", "postgresql://host/books")
    assert "stay there" in sentence, "a file's books do not move by a word"


def test_a_database_that_does_not_answer_is_one_sentence(tmp_path: Path, refusing_port: int) -> None:
    address = f"postgresql://me:secret@127.0.0.1:{refusing_port}/books"
    sentence = refuses(4, "init", "--data", str(tmp_path / "x"), "--demo", "--database", address)
    assert f"127.0.0.1:{refusing_port}/books cannot be used" in sentence and "secret" not in sentence
