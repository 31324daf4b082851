"""The schema's versions: alembic's steps, run on SQLite and PostgreSQL alike.

alembic and SQLAlchemy are imported only where a step is run: they take longer than all the rest of a start.
"""

from pathlib import Path
from typing import Any

import apsw

from host.db.connection import Connection
from host.db.lite import BROKEN, Lite
from host.errors import HostError

FOLDER = Path(__file__).parent / "migrations"
NEWEST = "0032"  # a test holds it against the steps
HEAD, BASE = "head", "base"  # alembic's words for the newest version and for none
TABLE = "alembic_version"
FIRST_SLICE = "entries"  # a table that only books of the first slice have; they had no version


def version_of(connection: Connection) -> str | None:
    """The last step these books have seen; None for new ones. HostError for those of the first slice."""
    found = {row[0] for row in connection.execute(_TABLES[connection.dialect])}
    if TABLE in found:
        row = connection.execute(f"SELECT version_num FROM {TABLE}").fetchone()
        return None if row is None else str(row[0])
    if FIRST_SLICE in found:
        raise HostError(
            "These books were made by an early trial version and cannot be taken over: keep a copy of the"
            " folder, then begin anew in another one with --data."
        )
    return None


_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()",
}


def refuse_newer(version: str | None, name: str) -> None:
    """HostError when a newer program has been at work here."""
    if version is not None and version > NEWEST:
        raise HostError(
            f"{name} was made by a newer Tapledger (schema {version}, this program knows {NEWEST}): "
            "update the program, or point --data at another folder."
        )


def unusable(name: str, error: Exception) -> HostError:
    """The sentence for books that won't open: the disk's fault, the server's, or the file's own."""
    if isinstance(error, BROKEN):
        return HostError(f"{name} cannot be used as a database: {error}. Restore it from a backup.")
    if isinstance(error, apsw.Error | OSError):
        return HostError(
            f"{name} cannot be opened or written: {error}. Check the disk and the file's rights."
        )
    said = " ".join(str(error).split()) or type(error).__name__
    return HostError(f"{name} cannot be used: {said}. Check the server, its address and your rights there.")


def migrate(connection: Connection, name: str, to: str = HEAD) -> bool:
    """Bring the books to this program's schema, or to the version `to`, up or down, each step whole. False
    when they were there.

    ValueError when a step down would lose what is there.
    """
    version = version_of(connection)
    refuse_newer(version, name)
    if version == (NEWEST if to == HEAD else to):
        return False
    from sqlalchemy.exc import DBAPIError

    with _alembic(connection) as (command, config):
        try:
            if to != BASE and (to == HEAD or (version or "") < to):
                command.upgrade(config, to)
            else:
                command.downgrade(config, to)
        except DBAPIError as error:  # the driver's own, of which everybody knows what to make
            raise (error.orig or error) from None
    return True


def check(connection: Connection, name: str, init: str) -> None:
    """HostError with a sentence unless the books are of exactly this program's version; init: the command."""
    version = version_of(connection)
    refuse_newer(version, name)
    if version is None:
        raise HostError(f"There are no books in {name}: run `{init}` first.")
    if version < NEWEST:
        raise HostError(f"{name} is of an older version: run `{init}` to update it.")


class _alembic:
    """alembic's commands on the driver's connection that we have already."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __enter__(self) -> tuple[Any, Any]:
        from alembic import command
        from alembic.config import Config
        from sqlalchemy import create_engine, event
        from sqlalchemy.pool import StaticPool

        raw: Any = self._connection.raw  # type: ignore[attr-defined]
        if isinstance(self._connection, Lite):
            from host.db.migrations import driver

            raw.execute("PRAGMA temp_store=FILE")  # an index over ten million rows is not sorted in memory
            engine = create_engine(driver.URL, creator=lambda: driver.Spoken(raw), poolclass=StaticPool)
            # the driver begins nothing by itself
            event.listen(engine, "begin", lambda began: began.exec_driver_sql("BEGIN IMMEDIATE"))
        else:
            from psycopg.rows import tuple_row

            self._factory, raw.row_factory = raw.row_factory, tuple_row
            engine = create_engine("postgresql+psycopg://", creator=lambda: raw, poolclass=StaticPool)
            raw.autocommit = False
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        self._sql = engine.connect()
        config.attributes["connection"] = self._sql
        return command, config

    def __exit__(self, *_: object) -> None:
        self._sql.close()  # takes back what a failed step left open; a finished one is committed
        if not isinstance(self._connection, Lite):
            raw: Any = self._connection.raw  # type: ignore[attr-defined]
            raw.row_factory = self._factory
            raw.autocommit = True
