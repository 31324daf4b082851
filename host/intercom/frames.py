"""Frames on the local socket: 4 bytes of length (big-endian), then that many bytes of JSON, one object."""

import json
import socket
import struct
import time
from typing import Any

FRAME_MAX = 1 << 20
FRAME_S = 5.0  # from a frame's first byte to its last
_LENGTH = struct.Struct(">I")


class BadFrame(Exception):
    """The other end does not speak as it should; str() says how. Only hanging up helps."""


class Ended(Exception):
    """The other end hung up."""


def send(sock: socket.socket, content: dict[str, Any]) -> None:
    """One frame; OSError, TimeoutError among them when the other end does not read."""
    encoded = json.dumps(content).encode()
    sock.settimeout(FRAME_S)
    sock.sendall(_LENGTH.pack(len(encoded)) + encoded)


def receive(sock: socket.socket, wait_s: float | None) -> dict[str, Any]:
    """The next frame, begun within wait_s (None: whenever it comes). BadFrame, Ended, OSError."""
    sock.settimeout(wait_s)
    first = _some(sock, 1)
    deadline_s = time.monotonic() + FRAME_S
    (length,) = _LENGTH.unpack(first + _exactly(sock, _LENGTH.size - 1, deadline_s))
    if not 0 < length <= FRAME_MAX:
        raise BadFrame(f"a frame of {length} bytes, at most {FRAME_MAX}")
    try:
        content = json.loads(_exactly(sock, length, deadline_s))
    except (ValueError, RecursionError):
        raise BadFrame("a frame that is not JSON") from None
    if not isinstance(content, dict):
        raise BadFrame("a frame that is no JSON object")
    return content


def _some(sock: socket.socket, count: int) -> bytes:
    found = sock.recv(count)
    if not found:
        raise Ended
    return found


def _exactly(sock: socket.socket, count: int, deadline_s: float) -> bytes:
    found = bytearray()
    while len(found) < count:
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            raise BadFrame("a frame that does not come to its end")
        sock.settimeout(left_s)
        try:
            found += _some(sock, count - len(found))
        except TimeoutError:
            continue
    return bytes(found)
