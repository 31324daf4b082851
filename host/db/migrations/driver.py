"""apsw as SQLAlchemy wants a driver (PEP 249): only what alembic's steps make use of."""

from typing import Any

import apsw
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from host.db.lite import Counting

URL = "sqlite+tapledger://"

# PEP 249: a module of a driver has these names.
paramstyle = "qmark"
sqlite_version_info = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
Error = apsw.Error


class Dialect(SQLiteDialect):
    """SQLite's, with this module as its driver."""

    driver = "tapledger"
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> Any:
        """This module."""
        import host.db.migrations.driver

        return host.db.migrations.driver


class Spoken:
    """A connection as PEP 249 has it. Closing it leaves apsw's open: whoever made that goes on with it."""

    def __init__(self, raw: apsw.Connection) -> None:
        self._raw = raw
        self._cursors: list[_Cursor] = []

    def cursor(self) -> "_Cursor":
        """For one statement after the other."""
        self._cursors.append(_Cursor(self._raw))
        return self._cursors[-1]

    def commit(self) -> None:
        """Of what was begun, if anything was."""
        self._end("COMMIT")

    def rollback(self) -> None:
        """The same. A query that was not read to its end would keep the file from being closed."""
        self._end("ROLLBACK")
        while self._cursors:
            self._cursors.pop().close()

    def close(self) -> None:
        """Nothing is ours to close."""

    def _end(self, how: str) -> None:
        if self._raw.in_transaction:
            self._raw.execute(how)


class _Cursor(Counting):
    """apsw tells the columns of a statement only until its last row; PEP 249 also of one without a row."""

    arraysize = 1
    lastrowid = None
    description: Any = None  # (name, declared type, five times None) of each column

    def __init__(self, connection: apsw.Connection) -> None:
        super().__init__(connection)
        self.exec_trace = self._note

    def _note(self, cursor: apsw.Cursor, _sql: str, _given: object) -> bool:
        found = cursor.get_description()
        self.description = tuple((*column, None, None, None, None, None) for column in found) or None
        return True


registry.register("sqlite.tapledger", __name__, Dialect.__name__)
