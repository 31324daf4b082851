"""A process that writes into the books does so alone in its partition, or not at all."""

import os
import select
import threading

import structlog

from host.db import lease, schema
from host.db.connection import faults
from host.db.engine import Database
from host.db.lease import Lease

RETRY_S = 0.5
_log = structlog.get_logger()


def must_be_free(database: Database) -> None:
    """HostError when another host serves a PostgreSQL database: the intake will hold its lock, not we."""
    try:
        held = lease.take(database)
    except faults() as error:
        raise schema.unusable(database.name, error) from None
    if held is not None:
        held.close()


def must_be_writable(database: Database) -> None:
    """HostError for a file or a server that lets us read only."""
    try:
        with database.write() as connection:  # of no row: on a full disk we start, and say so in /health
            connection.execute("UPDATE settings SET value = value WHERE name IS NULL")
            if connection.dialect == "postgresql" and connection.execute("SHOW fsync").fetchone()[0] == "off":
                _log.warning("PostgreSQL's fsync is off: what we acknowledge may be lost with the power")
    except faults() as error:
        raise schema.unusable(database.name, error) from None
    finally:
        database.close()  # before the fork


def hold(database: Database, lifeline: int) -> bool:
    """Become the one that writes here, once the database can be reached; False when we are to end before.

    HostError when another is.
    """
    said = False
    while True:
        try:
            held = lease.take(database)
            database.take_over()
            break
        except faults(OSError) as error:
            if not said:
                _log.error("the books cannot be reached; we go on trying", fault=str(error))
                said = True
            if select.select([lifeline], [], [], RETRY_S)[0]:
                return False
    if held is not None:
        threading.Thread(target=_end_after, args=(held,), name="lease", daemon=True).start()
    return True


def _end_after(held: Lease) -> None:
    """Another may write by now: what we were doing the database takes back, or has taken whole."""
    held.until_lost()
    _log.error("the lock on the books is lost; this process is started again")
    os._exit(1)
