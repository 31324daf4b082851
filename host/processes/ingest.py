"""An ingest worker: one of several processes that take kiosks' messages, where the books are in PostgreSQL.

It shares the broker's subscription with the intake, books into a partition of its own, and has neither desk
nor API. What it has booked it tells the intake over the local socket, for whoever waits for news.
"""

import os
import threading
from pathlib import Path

from host.errors import Refused
from host.installation import Installation
from host.intercom import SOCKET_NAME
from host.intercom.client import Caller
from host.processes import alone, parent
from host.processes.intake import fall, settle_down
from host.service import Service

KEEP_ALIVE_S = 15.0


def run(opened: Installation, broker: tuple[str, int], writer: int, lifeline: int, ready: int) -> None:
    """Serve until the lifeline ends: then write and acknowledge what was taken."""
    threading.excepthook = fall
    opened.database.writer = writer
    if not alone.hold(opened.database, lifeline):
        return
    os.chdir(opened.data)  # a socket's path must be short
    service = Service(opened, *broker, writer=writer, shared=True)
    threading.Thread(target=_tell, args=(service,), name="news", daemon=True).start()
    service.start()
    settle_down()
    os.write(ready, b"n")
    parent.outlived(lifeline)
    service.stop()


def _tell(service: Service) -> None:
    """After each commit, or several that came close together, one word to the intake."""
    caller, bell, told = Caller(Path(SOCKET_NAME)), service.database.bell, 0
    while not bell.closed:
        if not bell.wait(told, KEEP_ALIVE_S):
            continue
        now = bell.count
        try:
            caller.call("booked")
        except Refused:
            continue  # it is being restarted: asked again, and each try waits for it
        told = now
