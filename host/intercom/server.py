"""The intake's end of the local socket: a table of calls, a thread for each connection, and the news.

What a connection sends that is no call closes that connection, with a line in the log.
"""

import contextlib
import os
import select
import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import structlog

from host import VERSION
from host.db.bell import Bell
from host.errors import HostError, refusal
from host.intercom import SOCKET_NAME, frames
from host.intercom.calls import NEWS
from host.intercom.frames import BadFrame, Ended

CONNECTIONS_MAX = 64
KEEP_ALIVE_S = 15.0  # so often a quiet news connection is asked whether anybody is there
Handler = Callable[[dict[str, Any]], Any]
_log = structlog.get_logger()


def listen(folder: Path) -> socket.socket:
    """Listen on folder/intake.sock, for this user only; HostError. Changes the working folder for a moment.

    Bound by its short name: a socket's whole path may have 108 bytes (104 on macOS), a folder's more.
    """
    listener = socket.socket(socket.AF_UNIX)
    back = os.open(".", os.O_RDONLY)
    mask = os.umask(0o177)
    try:
        os.chdir(folder)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(SOCKET_NAME)  # of a host that was killed: whoever serves this folder has its lock
        listener.bind(SOCKET_NAME)
        listener.listen(CONNECTIONS_MAX)
    except OSError as error:
        listener.close()
        raise HostError(
            f"The socket {folder / SOCKET_NAME} cannot be made ({error.strerror or error}): choose a folder "
            "on a disk of this machine with --data."
        ) from None
    finally:
        os.umask(mask)
        os.fchdir(back)
        os.close(back)
    return listener


class Server:
    """Answers calls[name](asked) until it is stopped; bell: rung after each commit."""

    def __init__(self, listener: socket.socket, calls: Mapping[str, Handler], bell: Bell) -> None:
        self._listener = listener
        self._calls = calls
        self._bell = bell
        self._wake, self._woken = socket.socketpair()
        self._state = threading.Condition()
        self._stopping = False
        self._busy = 0
        self._connections: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, name="intercom")

    def start(self) -> None:
        """Begin to answer."""
        self._listener.setblocking(False)
        self._thread.start()

    def stop(self, grace_s: float) -> None:
        """Take no more calls, let those that run finish within grace_s, hang up."""
        with self._state:
            self._stopping = True
        self._wake.close()
        self._thread.join()
        self._woken.close()
        with self._state:
            self._state.wait_for(lambda: self._busy == 0, grace_s)
            self._bell.close()  # whoever tells the news waits for it
            for sock in self._connections:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
            self._state.wait_for(lambda: not self._connections, grace_s)

    def _accept(self) -> None:
        while True:
            ready, _, _ = select.select([self._listener, self._woken], [], [])
            if self._woken in ready:
                return
            try:
                sock, _ = self._listener.accept()
            except BlockingIOError:
                continue
            except OSError as error:  # no descriptor is left: whoever asks waits until one is
                _log.error("a connection on the local socket could not be taken", fault=str(error))
                time.sleep(0.1)
                continue
            self._begin(sock)

    def _begin(self, sock: socket.socket) -> None:
        with self._state:
            full = len(self._connections) >= CONNECTIONS_MAX
            if not full:
                self._connections.add(sock)
        if full:
            _log.warning("a connection on the local socket was closed", reason="too many are open")
            sock.close()
            return
        threading.Thread(target=self._converse, args=(sock,), name="call", daemon=True).start()

    def _converse(self, sock: socket.socket) -> None:
        try:
            frames.send(sock, {"intake": VERSION})
            while True:
                self._one(sock, frames.receive(sock, None))
        except (Ended, OSError):
            pass  # whoever asked is gone, or we are stopping
        except BadFrame as error:
            _log.warning("a connection on the local socket was closed", reason=str(error))
        except Exception:
            _log.exception("a connection on the local socket failed")
        finally:
            with self._state:
                self._connections.discard(sock)
                sock.close()
                self._state.notify_all()

    def _one(self, sock: socket.socket, asked: dict[str, Any]) -> None:
        name, fields = asked.get("call"), asked.get("asked", {})
        if name == NEWS:
            self._tell(sock)
        handler = self._calls.get(name) if isinstance(name, str) else None
        if handler is None or not isinstance(fields, dict):
            raise BadFrame("a frame that asks for nothing we know")
        with self._state:
            if self._stopping:
                raise Ended
            self._busy += 1
        try:
            frames.send(sock, self._answer(str(name), handler, fields))
        finally:
            with self._state:
                self._busy -= 1
                self._state.notify_all()

    def _answer(self, name: str, handler: Handler, fields: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"answer": handler(fields)}
        except Exception as error:
            refused = refusal(error, name)
            return {"refused": [refused.status, refused.code, str(refused)]}

    def _tell(self, sock: socket.socket) -> NoReturn:
        """The bell's count whenever it has rung: once for all that happened while the other end was slow."""
        while True:
            seen = self._bell.count
            frames.send(sock, {NEWS: seen})
            self._bell.wait(seen, KEEP_ALIVE_S)
            if self._bell.closed:
                raise Ended
