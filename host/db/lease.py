"""One process writes into a partition of a PostgreSQL database: it holds a lock, on a connection of its own.

PostgreSQL lets go of the lock when that connection ends, however it ends. So whoever holds it must stop
writing when it loses the connection: another may have the lock by then. SQLite's file has a lock beside it
instead: see host.installation.
"""

import contextlib
import select
import time
from pathlib import Path
from typing import TYPE_CHECKING

from host.db.connection import faults
from host.db.engine import Database
from host.errors import HostError

if TYPE_CHECKING:
    import psycopg

KEY = 0x5441504C  # "TAPL": the first of the two numbers of our advisory locks; the other is the partition
WAIT_S = 3.0  # for the server to notice that whoever held it is dead
# Either end that is gone without a word is noticed by the other within half a minute.
_KEEPALIVES = {
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "options": "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
}


class Lease:
    """The lock, while the connection lives."""

    def __init__(self, raw: "psycopg.Connection[tuple[object, ...]]") -> None:
        self._raw = raw

    def until_lost(self) -> None:
        """Returns when the lock is ours no more."""
        with contextlib.suppress(*faults(), OSError, ValueError):
            while True:
                select.select([self._raw.fileno()], [], [])  # the server says something unasked, or is gone
                self._raw.execute("SELECT 1")

    def close(self) -> None:
        """Let go."""
        self._raw.close()


def take(database: Database) -> Lease | None:
    """The lease of the partition database.writer; None for SQLite. HostError when another has it."""
    if isinstance(database.where, Path):
        return None
    import psycopg
    from psycopg.conninfo import make_conninfo

    from host.db.postgres import CONNECT_S

    address = make_conninfo(database.where, **_KEEPALIVES)
    raw = psycopg.connect(address, autocommit=True, connect_timeout=CONNECT_S)
    deadline_s = time.monotonic() + WAIT_S
    while True:
        row = raw.execute("SELECT pg_try_advisory_lock(%s, %s)", (KEY, database.writer)).fetchone()
        if row is not None and row[0]:
            return Lease(raw)
        if time.monotonic() > deadline_s:
            raw.close()
            raise HostError(f"Another host serves {database.name}: stop it first, or choose another --data.")
        time.sleep(0.05)
