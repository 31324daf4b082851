"""The intake process: keys, kiosks, the line to the broker, the only writer of the books.

Forked from the supervisor, which opened the keys, so that the passphrase is read once however often this
process has to be started again.
"""

import contextlib
import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

import structlog

from host.errors import HostError
from host.installation import Installation
from host.intercom.server import Server
from host.processes import alone, handlers, parent
from host.service import Service

GRACE_S = 10.0  # for a desk session to end
_log = structlog.get_logger()


def settle_down() -> None:
    """Rows and reports live for one batch and make no cycles: collecting garbage after each 700 of them, as
    Python does by itself, took a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def run(
    opened: Installation,
    broker: tuple[str, int],
    listener: socket.socket,
    shared: bool,
    lifeline: int,
    ready: int,
) -> None:
    """Serve until the lifeline ends: then finish calls, write and acknowledge what was taken.

    shared: are there ingest workers beside it?
    """
    threading.excepthook = fall
    if not alone.hold(opened.database, lifeline):
        return
    service = Service(opened, *broker, shared=shared)
    server = Server(listener, handlers.table(service), service.database.bell)
    service.start()
    server.start()
    settle_down()
    os.write(ready, b"i")
    parent.outlived(lifeline)
    server.stop(GRACE_S)
    service.stop()


def fork(program: Callable[..., None], supervisor: int, close: list[int], *arguments: Any) -> int:
    """The pid of a child that does program(*arguments): run() here, or an ingest worker's.

    close: descriptors of the supervisor that it must not keep, the far end of the lifeline among them.
    """
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
        program(*arguments)
        code = 0
    except HostError as error:
        _log.error(str(error))
    except Exception:
        _log.exception("the intake failed")
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()
        os._exit(code)  # what the supervisor does at its end is not ours


def fall(failed: threading.ExceptHookArgs) -> None:
    """A thread that dies takes the process along: half an intake takes reports that nobody books."""
    _log.error(
        "a thread of the intake failed; the intake is started again",
        thread="" if failed.thread is None else failed.thread.name,
        exc_info=(failed.exc_type, failed.exc_value, failed.exc_traceback),
    )
    os._exit(1)
