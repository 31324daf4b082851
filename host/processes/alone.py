"""A process that writes into the books does so alone in its partition, or not at all."""

import os
import select
import threading

import structlog

from host.db import lease
from host.db.connection import FAULTS
from host.db.engine import Database
from host.db.lease import Lease

RETRY_S = 0.5
_log = structlog.get_logger()


def hold(database: Database, lifeline: int) -> bool:
    """Become the one that writes here as soon as the database can be reached; False: we are to end before.

    HostError when another is.
    """
    said = False
    while True:
        try:
            held = lease.take(database)
            break
        except FAULTS as error:
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
