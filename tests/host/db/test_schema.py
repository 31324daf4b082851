"""The schema's versions: up and down with data, and what people are told of books that do not fit."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import psycopg
import pytest
from alembic.script import ScriptDirectory

from host.db import engine, schema, whereabouts
from host.db.connection import Connection
from host.db.engine import Database
from host.errors import HostError
from host.ledger import lots
from host.ledger.books import book
from host.ledger.terms import Transfer, Why
from tests.host.process import refuses

WHY = Why("try", None, "operator:desk", 0)
ACCOUNT = "id, owner, unit, kind, below_zero, balance, last_transfer"
WAYS = (engine.create_or_open, engine.open_existing)


def migrate(place: Path | str, to: str) -> None:
    connection = engine.connect(place)
    try:
        schema.migrate(connection, whereabouts.name_of(place), to)
        row = connection.execute("SELECT 1 AS one").fetchone()
        assert row["one"] == 1, "rows are read by name again"
        connection.execute("BEGIN")
        connection.execute("INSERT INTO settings (name, value) VALUES ('gone', 'x')")
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def fill(database: Database, points: int) -> None:
    with book(database) as books:
        cash, card = books.open_("house", "cash"), books.open_("card:04:1", "card")
        books.post(WHY, [Transfer(cash, card, 500)])
        if points:
            lots.earn(books, WHY, books.open_("member:1", "points", "points"), points, None)


def content(place: Path | str) -> dict[str, list[tuple[object, ...]]]:
    """What the books held before lots were thought of."""
    connection = engine.connect(place)
    try:
        columns = {"accounts": ACCOUNT, "transactions": "*", "transfers": "*"}
        return {
            table: [tuple(row) for row in connection.execute(f"SELECT {those} FROM {table} ORDER BY id")]
            for table, those in columns.items()
        }
    finally:
        connection.close()


def tables(place: Path | str) -> set[str]:
    connection = engine.connect(place)
    try:
        return {row[0] for row in connection.execute(schema._TABLES[connection.dialect])}
    finally:
        connection.close()


def say(place: Path | str, *statements: str) -> None:
    """SQL without our checks."""
    connection: Connection = engine.connect(place)
    try:
        for statement in statements:
            connection.execute(statement)
    finally:
        connection.close()


def test_the_newest_version_is_the_last_step() -> None:
    assert ScriptDirectory(str(schema.FOLDER)).get_heads() == [schema.NEWEST]


def test_steps_go_down_and_up_with_data(place: Path | str) -> None:
    database = engine.create_or_open(place)
    fill(database, points=0)
    database.close()
    before = content(place)
    migrate(place, "0001")
    assert content(place) == before and not {"lots", "lot_uses"} & tables(place)
    with pytest.raises(HostError, match=r"older version: run `tapledger init.*` to update it"):
        engine.open_existing(place)
    database = engine.create_or_open(place)
    assert content(place) == before and {"lots", "lot_uses"} <= tables(place)
    fill(database, points=7)
    database.close()


def test_what_a_step_down_would_lose_stays(place: Path | str) -> None:
    database = engine.create_or_open(place)
    fill(database, points=7)
    before = content(place)
    with pytest.raises(ValueError, match="these books have lots"):
        migrate(place, "0001")
    with pytest.raises(ValueError, match="these books have lots"):
        migrate(place, "base")
    fill(database, points=8)
    assert [row["amount"] for row in _lots(database)] == [7, 8]
    assert len(content(place)["transfers"]) == len(before["transfers"]) + 2
    database.close()


def _lots(database: Database) -> list[dict[str, int]]:
    with database.read() as connection:
        return [dict(row) for row in connection.execute("SELECT amount FROM lots ORDER BY transfer_id")]


def test_books_that_have_transactions_are_not_taken_away(place: Path | str) -> None:
    database = engine.create_or_open(place)
    fill(database, points=0)
    database.close()
    before = content(place)
    migrate(place, "0001")
    with pytest.raises(ValueError, match="these books have transactions"):
        migrate(place, "base")
    engine.create_or_open(place)
    assert content(place) == before


def test_unused_books_are_taken_away_whole_and_made_anew(place: Path | str) -> None:
    engine.create_or_open(place)
    connection = engine.connect(place)
    schema.migrate(connection, "books", "base")
    connection.close()
    assert tables(place) <= {"alembic_version", "sqlite_sequence"}
    fill(engine.create_or_open(place), points=1)


def test_a_step_that_fails_leaves_nothing_behind(place: Path | str) -> None:
    """A name that a later statement of the step wants is taken."""
    say(place, "CREATE TABLE alarms (id INTEGER)")
    with pytest.raises(Exception, match="alarms"):
        engine.create_or_open(place)
    assert tables(place) - {"alembic_version"} == {"alarms"}
    say(place, "DROP TABLE alarms")
    fill(engine.create_or_open(place), points=1)


def test_a_step_says_nothing_by_the_way(place: Path | str) -> None:
    program = (
        "import sys, pathlib; from host.db import engine; place = sys.argv[1];"
        "engine.create_or_open(place if '://' in place else pathlib.Path(place))"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "always::DeprecationWarning:host",
            "-W",
            "always::UserWarning",
            "-c",
            program,
            str(place),
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_opening_books_of_this_version_needs_no_alembic(place: Path | str) -> None:
    engine.create_or_open(place)
    program = (
        "import sys, pathlib; from host.db import engine; place = sys.argv[1];"
        "place = place if '://' in place else pathlib.Path(place);"
        "engine.create_or_open(place); engine.open_existing(place);"
        "assert not {'alembic', 'sqlalchemy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program, str(place)], check=True, timeout=60)


@pytest.mark.parametrize("attempt", WAYS)
def test_books_of_a_newer_program_are_refused(place: Path | str, attempt: object) -> None:
    engine.create_or_open(place)
    say(place, "UPDATE alembic_version SET version_num = '0999'")
    with pytest.raises(HostError, match=r"newer Tapledger \(schema 0999"):
        attempt(place)  # type: ignore[operator]


@pytest.mark.parametrize("attempt", WAYS)
def test_books_of_the_trial_version_are_refused(place: Path | str, attempt: object) -> None:
    say(place, "CREATE TABLE entries (id INTEGER)")
    with pytest.raises(HostError, match="early trial version and cannot be taken over"):
        attempt(place)  # type: ignore[operator]
    assert tables(place) == {"entries"}


def test_missing_books_are_told_with_the_command_that_makes_them(tmp_path: Path) -> None:
    with pytest.raises(HostError, match="tapledger init"):
        engine.open_existing(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()


def test_an_empty_database_is_no_books(place: Path | str) -> None:
    say(place, "SELECT 1")
    with pytest.raises(HostError, match=r"There are no books .*tapledger init"):
        engine.open_existing(place)


@pytest.mark.parametrize("attempt", WAYS)
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, attempt: object) -> None:
    path = tmp_path / "books.db"
    path.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(HostError, match="cannot be used as a database"):
        attempt(path)  # type: ignore[operator]


def test_a_folder_where_the_file_should_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "books.db").mkdir()
    with pytest.raises(HostError, match=r"cannot be opened or written: .*Is a directory"):
        engine.create_or_open(tmp_path / "books.db")
    with pytest.raises(HostError, match="There are no books"):
        engine.open_existing(tmp_path / "books.db")


NONSENSE = [b"", b"mysql://x@y/z", b"sqlite:///x", b"\xff\xfe", b"postgresql"]


@pytest.mark.parametrize("content", NONSENSE)
@pytest.mark.parametrize(
    "command", (["init", "--demo"], ["verify"], ["export", "ledger", "--format", "hledger"])
)
def test_an_address_that_is_none_is_one_sentence(tmp_path: Path, content: bytes, command: list[str]) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / whereabouts.ADDRESS).write_bytes(content)
    assert str(data / whereabouts.ADDRESS) in refuses(4, *command, "--data", str(data))


@pytest.mark.parametrize("address", ["postgresql://tap@127.0.0.1:{port}/x", "postgresql://a b@[/%zz?x=y"])
@pytest.mark.parametrize(
    "command", (["init", "--demo"], ["verify"], ["export", "ledger", "--format", "hledger"])
)
def test_a_server_that_is_not_there_is_one_sentence(
    tmp_path: Path, refusing_port: int, address: str, command: list[str]
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / whereabouts.ADDRESS).write_text(address.format(port=refusing_port))
    assert "Check the server, its address and your rights there." in refuses(4, *command, "--data", str(data))


def test_a_server_that_knows_no_such_database_is_one_sentence(postgres_url: str) -> None:
    for attempt in WAYS:
        with pytest.raises(HostError, match=r"cannot be used: .*does not exist"):
            attempt(postgres_url + "_none")


@contextmanager
def without_rights() -> Iterator[None]:
    """As somebody who owns nothing; root, as whom CI may run, has every right."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_file_that_cannot_be_written_is_one_sentence() -> None:
    with tempfile.TemporaryDirectory() as folder:  # tmp_path lies in a folder that others may not enter
        os.chmod(folder, 0o755)
        path = Path(folder) / "books.db"
        engine.create_or_open(path)
        path.chmod(0o444)
        with without_rights():
            for attempt in WAYS:  # a reader of WAL writes beside it
                with pytest.raises(HostError, match=r"cannot be opened or written: .*Check the disk and"):
                    attempt(path)
        database = engine.open_existing(path, read_only=True)
        with pytest.raises(apsw.ReadOnlyError), database.write() as connection:
            connection.execute("DELETE FROM settings")
        database.close()


def test_the_sentence_names_the_disk_or_the_server_or_the_file() -> None:
    cases = {
        "Check the disk and the file's rights": apsw.ReadOnlyError("attempt to write a readonly database"),
        "Restore it from a backup": apsw.NotADBError("file is not a database"),
        "Check the server": psycopg.OperationalError("connection\n\tfailed"),
    }
    for advice, error in cases.items():
        sentence = str(schema.unusable("the books", error))
        assert advice in sentence and "\n" not in sentence
