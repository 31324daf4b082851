"""The web's end of the local socket: calls, and news that ring a bell.

The intake greets whoever connects. While it is being restarted a connection waits for that greeting, so that
what was asked before it is known not to have been carried out.
"""

import contextlib
import socket
import threading
from pathlib import Path
from typing import Any

from host.db.bell import Bell
from host.errors import Refused
from host.intercom import frames
from host.intercom.calls import CALLS, NEWS, Call
from host.intercom.frames import BadFrame, Ended

WAITING_MAX = 16  # requests that may wait for the intake at once; the web's other threads look at the books
AWAY_S = 2.0  # how long a request waits for an intake that is being restarted
AGAIN_S = 0.5
_LOST = (OSError, BadFrame, Ended)


def _away() -> Refused:
    return Refused(
        503, "away", "The part that keeps the books is being restarted: nothing was done, ask again."
    )


def _busy() -> Refused:
    return Refused(503, "busy", "Too much is being asked at once: nothing was done, ask again in a moment.")


def _unsure(call: Call) -> Refused:
    sentence = "No answer came from the part that keeps the books: ask again."
    if call.changes:
        sentence = (
            "No answer came from the part that keeps the books. It may have been done all the same: "
            "look it up first, then ask again for what was not."
        )
    return Refused(503, "answer-lost", sentence)


def _connect(path: Path, wait_s: float | None) -> socket.socket:
    """A connection that was greeted within wait_s."""
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.settimeout(wait_s)
        sock.connect(str(path))
        frames.receive(sock, wait_s)
    except BaseException:
        sock.close()
        raise
    return sock


class Caller:
    """Asks the intake; each thread keeps its connection."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept = threading.local()
        self._places = threading.BoundedSemaphore(WAITING_MAX)

    def call(self, name: str, **asked: Any) -> Any:
        """The answer to one of CALLS; Refused as the intake said it, or 503 away, busy or answer-lost."""
        if not self._places.acquire(blocking=False):
            raise _busy()
        try:
            answer = self._ask(CALLS[name], {"call": name, "asked": asked})
        finally:
            self._places.release()
        if "refused" in answer:
            raise Refused(*answer["refused"])
        return answer["answer"]

    def _ask(self, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            sock = self._connection()
            frames.send(sock, asked)  # a frame that was not sent to its end is never carried out
        except _LOST:
            self.close()
            raise _away() from None
        try:
            return frames.receive(sock, call.answer_s)
        except _LOST:
            self.close()  # a late answer must not be taken for that of the next call
            raise _unsure(call) from None

    def _connection(self) -> socket.socket:
        sock: socket.socket | None = getattr(self._kept, "sock", None)
        if sock is not None and not _quiet(sock):  # the intake it led to is gone
            self.close()
            sock = None
        if sock is None:
            sock = self._kept.sock = _connect(self._path, AWAY_S)
        return sock

    def close(self) -> None:
        """Hang up this thread's connection."""
        sock: socket.socket | None = getattr(self._kept, "sock", None)
        if sock is not None:
            sock.close()
            self._kept.sock = None


def _quiet(sock: socket.socket) -> bool:
    """Is the connection open, and nothing on it?"""
    sock.setblocking(False)
    try:
        sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


class News:
    """Rings a bell when the intake has committed something, and once after each time it was lost."""

    def __init__(self, path: Path, bell: Bell) -> None:
        self._path = path
        self._bell = bell
        self._sock: socket.socket | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="news", daemon=True)

    def start(self) -> None:
        """Begin to listen; returns at once, whether the intake is there or not."""
        self._thread.start()

    def stop(self) -> None:
        """Hang up."""
        self._stopping.set()
        sock = self._sock
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        while not self._stopping.is_set():
            with contextlib.suppress(*_LOST):
                self._listen()
            self._stopping.wait(AGAIN_S)

    def _listen(self) -> None:
        with _connect(self._path, None) as sock:
            self._sock = sock
            frames.send(sock, {"call": NEWS})
            heard = None
            while not self._stopping.is_set():
                count = frames.receive(sock, None).get(NEWS)
                if count != heard:  # the same again only says that the intake is still there
                    heard = count
                    self._bell.ring()
