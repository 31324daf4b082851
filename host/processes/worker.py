"""Gunicorn's threaded worker, for whom a request has to arrive within a time: threads are few."""

import socket
import time
from collections.abc import Callable
from typing import Any

from gunicorn.http.errors import NoMoreData
from gunicorn.workers.gthread import ThreadWorker

REQUEST_S = 10.0  # from its first byte to the last of its body


class Worker(ThreadWorker):  # type: ignore[misc, unused-ignore]
    """A client that sends half a request, or one byte now and then, loses its connection."""

    def handle(self, conn: Any) -> Any:
        """Called in a thread of the pool, for each request."""
        begin = type(conn).init

        def init() -> None:
            begin(conn)
            conn.parser.unreader.chunk = until(conn.sock, time.monotonic() + REQUEST_S)

        conn.init = init
        return super().handle(conn)


def until(sock: socket.socket, deadline_s: float, chunk_max: int = 8192) -> Callable[..., bytes]:
    """A reader of the socket's next bytes; NoMoreData when the monotonic clock has passed deadline_s."""

    def chunk(size_hint: int | None = None) -> bytes:
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            raise NoMoreData(b"")
        sock.settimeout(left_s)
        try:
            return sock.recv(chunk_max)
        except TimeoutError:
            raise NoMoreData(b"") from None
        finally:
            sock.setblocking(True)

    return chunk
