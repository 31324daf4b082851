"""`tapledger serve`: gunicorn inside our own process, one worker with threads, the intake in the worker.

The supervisor process opens books and keys and binds the port, so that what is wrong there is one sentence;
the worker starts threads and connections. SIGTERM: no new requests, the running ones finish, the intake
writes and acknowledges what it has taken, then the process ends.
"""

import ctypes
import json
import os
import signal
import socket
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from gunicorn.app.base import BaseApplication

from host import installation, log
from host.api.app import create_app
from host.errors import HostError, PortInUse
from host.installation import Installation
from host.service import Service
from host.worker import Worker

THREADS = 32
GRACE_S = 10
LISTEN = "127.0.0.1"
PR_SET_PDEATHSIG = 1


def bind(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1; PortInUse with a sentence."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LISTEN, port))
    except OSError as error:
        listener.close()
        raise PortInUse(
            f"Port {port} cannot be used ({error.strerror}): choose another with --port."
        ) from None
    listener.listen(128)
    listener.set_inheritable(True)
    return listener


class Server(BaseApplication):  # type: ignore[misc, unused-ignore]
    """Gunicorn's application with our settings and the life of the Service in its hooks."""

    def __init__(
        self, opened: Installation, listener: socket.socket, broker: tuple[str, int], ready_file: Path | None
    ) -> None:
        self._opened = opened
        self._descriptor = listener.fileno()
        self._port: int = listener.getsockname()[1]
        self._broker = broker
        self._ready_file = ready_file
        self._service: Service | None = None
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn."""
        settings: dict[str, Any] = {
            "bind": f"fd://{self._descriptor}",
            "worker_class": Worker,
            "workers": 1,
            "threads": THREADS,
            "graceful_timeout": GRACE_S,
            "timeout": 60,
            "keepalive": 5,
            "logger_class": log.GunicornLogger,
            "post_fork": self._post_fork,
            "post_worker_init": self._post_worker_init,
            "worker_exit": self._worker_exit,
            "control_socket_disable": True,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The WSGI application; called in the worker."""
        self._service = Service(self._opened, *self._broker)
        self._service.start()
        return create_app(self._service)

    def _post_fork(self, _server: Any, _worker: Any) -> None:
        if sys.platform == "linux":  # a supervisor that is killed takes its worker along
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    def _post_worker_init(self, worker: Any) -> None:
        service = self._service
        assert service is not None
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            _before(number, service.end_streams)
        if self._ready_file is not None:
            content = json.dumps({"port": self._port, "pid": worker.ppid})
            partial = _partial(self._ready_file)
            partial.write_text(content)
            os.replace(partial, self._ready_file)

    def _worker_exit(self, _server: Any, _worker: Any) -> None:
        if self._service is not None:
            self._service.stop()


def _before(number: int, action: Any) -> None:
    """Do something of ours before a signal's present handler."""
    present = signal.getsignal(number)

    def handler(received: int, frame: FrameType | None) -> None:
        action()
        if callable(present):
            present(received, frame)

    signal.signal(number, handler)


def _clear(ready_file: Path) -> None:
    """No ready-file of an earlier run, and a place where a new one can be; HostError."""
    try:
        ready_file.unlink(missing_ok=True)
        partial = _partial(ready_file)
        partial.touch()
        partial.unlink()
    except OSError as error:
        raise HostError(
            f"The ready-file {ready_file} cannot be written ({error.strerror}): name a file in a folder that "
            "is there with --ready-file."
        ) from None


def _partial(ready_file: Path) -> Path:
    return ready_file.with_name(ready_file.name + ".part")


def serve(
    data: Path, passphrase_file: Path | None, port: int, broker: tuple[str, int], ready_file: Path | None
) -> None:
    """Run until a signal ends it. HostError before the first request is served."""
    if ready_file is not None:
        _clear(ready_file)
    opened = installation.open_(data, passphrase_file)
    opened.database.close()
    listener = bind(port)
    with installation.lock(data):
        server = Server(opened, listener, broker, ready_file)
        listener.detach()  # gunicorn owns the descriptor from here
        server.run()
