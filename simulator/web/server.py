"""Serves the page from this process: one thread a request, so that a page's endless stream holds up nobody.

werkzeug's threaded server, because the world lives in this process with its threads, which no forking server
(gunicorn) could share, and its few clients are the browser windows of one person on this machine. It comes
with Flask, binds before anything else is started, and stops at once.
"""

import errno
import socket
import threading
from typing import Any, Final

from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler

_HOST: Final = "127.0.0.1"
Application = Any


class PortError(RuntimeError):
    """The port can't be had; the sentence says what to do."""


class _Quiet(WSGIRequestHandler):
    """No line per request: the terminal belongs to the person who typed the command."""

    def log(self, type: str, message: str, *args: Any) -> None:
        return


class _Threads(ThreadedWSGIServer):
    daemon_threads = True  # an open stream must not hold up the end


def _starting(_environ: Any, start_response: Any) -> list[bytes]:
    start_response(
        "503 Service Unavailable", [("Content-Type", "text/plain; charset=utf-8"), ("Retry-After", "1")]
    )
    return ["正在启动 / starting\n".encode()]


class PageServer:
    """Bound on construction (PortError), so that a port in use is known before the world is built."""

    def __init__(self, port: int) -> None:
        # Bound here, not by the server, which prints advice of its own when the port is in use.
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((_HOST, port))
            self._socket.listen()
        except OSError as error:
            self._socket.close()
            raise PortError(_why(port, error)) from error
        self._server: BaseWSGIServer = _Threads(
            _HOST, port, _starting, handler=_Quiet, fd=self._socket.fileno()
        )
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._server.serve_forever, name="page", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://{_HOST}:{self.port}"

    def show(self, application: Application) -> None:
        """From now on this application answers."""
        self._server.app = application

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._socket.close()
        self._thread.join()


def _why(port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} is in use: stop the program that listens there, "
            f"or choose another port, as in: PORT={port + 1 if port < 65535 else 8321} make run"
        )
    return (
        f"can't listen on {_HOST}:{port} ({error.strerror}): choose another port, as in: PORT=8321 make run"
    )
