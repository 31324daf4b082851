"""What a socket must be told so that a message of ours waits for no other."""

import contextlib
import socket

QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)  # Linux only


def no_delay(sock: object) -> None:
    """Switch Nagle's algorithm off: a small message leaves at once."""
    if isinstance(sock, socket.socket):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def acknowledge_now(sock: object) -> None:
    """Send TCP's own acknowledgement at once: a broker that leaves Nagle's algorithm on (iotcore does) would
    hold its next message back until it comes, 40 ms later."""
    if QUICKACK is not None and isinstance(sock, socket.socket):
        with contextlib.suppress(OSError):  # the connection is going; that has its own callback
            sock.setsockopt(socket.IPPROTO_TCP, QUICKACK, 1)
