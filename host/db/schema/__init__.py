"""The schema as numbered .sql files; PRAGMA user_version says how many a database has seen."""

import sqlite3
from pathlib import Path

from host.errors import HostError

FOLDER = Path(__file__).parent


def steps() -> list[Path]:
    """001_first.sql, 002_..., in order."""
    return sorted(FOLDER.glob("[0-9][0-9][0-9]_*.sql"))


def newest() -> int:
    """The version this program works with."""
    return len(steps())


def version_of(connection: sqlite3.Connection) -> int:
    """How many steps this database has seen."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def refuse_newer(version: int, path: Path) -> None:
    """HostError when a newer program has been at work here."""
    if version > newest():
        raise HostError(
            f"{path} was made by a newer Tapledger (schema {version}, this program knows {newest()}): "
            "update the program, or point --data at another folder."
        )


def unusable(path: Path, error: sqlite3.Error) -> HostError:
    """The sentence for a file that SQLite won't take: the disk's fault, or the file's own."""
    if isinstance(error, sqlite3.OperationalError):
        return HostError(
            f"{path} cannot be opened or written: {error}. Check the disk and the file's rights."
        )
    return HostError(f"{path} cannot be used as a database: {error}. Restore it from a backup.")


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Run the steps that are missing, each in a transaction of its own together with its number."""
    version = version_of(connection)
    refuse_newer(version, path)
    for number, step in enumerate(steps(), 1):
        if number > version:
            sql = step.read_text(encoding="utf-8")
            connection.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version={number};\nCOMMIT;")


def check(path: Path) -> None:
    """HostError with a sentence unless the file is a database of exactly this program's version."""
    if not path.is_file():
        raise HostError(f"There are no books at {path}: run `tapledger init --data {path.parent}` first.")
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            version = version_of(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise unusable(path, error) from None
    refuse_newer(version, path)
    if version < newest():
        raise HostError(
            f"{path} is of an older version: run `tapledger init --data {path.parent}` to update it."
        )
