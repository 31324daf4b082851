"""The intake process: keys, kiosks, the line to the broker, the only writer of the books.

Forked from the supervisor, which opened the keys, so that the passphrase is read once however often this
process has to be started again.
"""

import contextlib
import os
import select
import signal
import socket
import sys
import threading
from typing import Any

import structlog

from host.db import lease
from host.db.connection import FAULTS
from host.db.engine import Database
from host.db.lease import Lease
from host.errors import HostError
from host.installation import Installation
from host.intercom.server import Server
from host.processes import parent
from host.processes.handlers import Handlers
from host.service import Service

GRACE_S = 10.0  # for a desk session to end
RETRY_S = 0.5
_log = structlog.get_logger()


def run(
    opened: Installation, broker: tuple[str, int], listener: socket.socket, lifeline: int, ready: int
) -> None:
    """Serve until the lifeline ends: then finish calls, write and acknowledge what was taken."""
    threading.excepthook = _fall
    if not _alone(opened.database, lifeline):
        return
    service = Service(opened, *broker)
    server = Server(listener, Handlers(service).table(), service.database.bell)
    service.start()
    server.start()
    os.write(ready, b"i")
    parent.outlived(lifeline)
    server.stop(GRACE_S)
    service.stop()


def _alone(database: Database, lifeline: int) -> bool:
    """Become the one that writes here, as soon as the database can be reached; False when we are to end.

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
    """Another intake may write by now: what we are doing the database takes back, or has taken whole."""
    held.until_lost()
    _log.error("the lock on the books is lost; the intake is started again")
    os._exit(1)


def fork(supervisor: int, close: list[int], *arguments: Any) -> int:
    """The pid of a child that does run(*arguments). close: descriptors of the supervisor that it must not
    keep, the far end of the lifeline among them."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        # Told to end by the lifeline only: a signal to the whole group would end us before the web, whose
        # last requests need us.
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        parent.die_with(supervisor)
        for descriptor in close:
            os.close(descriptor)
        run(*arguments)
        code = 0
    except HostError as error:
        _log.error(str(error))
    except Exception:
        _log.exception("the intake failed")
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()
        os._exit(code)  # what the supervisor does at its end is not ours


def _fall(failed: threading.ExceptHookArgs) -> None:
    """A thread that dies takes the process along: half an intake takes reports that nobody books."""
    _log.error(
        "a thread of the intake failed; the intake is started again",
        thread="" if failed.thread is None else failed.thread.name,
        exc_info=(failed.exc_type, failed.exc_value, failed.exc_traceback),
    )
    os._exit(1)
