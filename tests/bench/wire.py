"""An MQTT client with nothing in it, so that the benches measure the host and not their own side."""

import socket
import threading
import time
from typing import Any, cast

from protocol.wire import cbor, messages, topics
from protocol.wire.mac import MAC_SIZE
from tests.host.rig import KioskSide

CONNECT, PUBLISH, SUBSCRIBE = 0x10, 0x30, 0x82
WAIT_S = 120.0


def _length(n: int) -> bytes:
    out = bytearray()
    while True:
        n, low = divmod(n, 128)
        out.append(low | 0x80 if n else low)
        if not n:
            return bytes(out)


def _text(text: str) -> bytes:
    raw = text.encode()
    return len(raw).to_bytes(2, "big") + raw


def _packet(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + _length(len(body)) + body


def publish(topic: str, payload: bytes, number: int) -> bytes:
    """A PUBLISH with QoS 1."""
    return _packet(PUBLISH | 2, _text(topic) + number.to_bytes(2, "big") + payload)


class Wire:
    """Publishes for all kiosks over one connection and counts the reports that the host acknowledges."""

    def __init__(self, port: int, kiosks: list[KioskSide]) -> None:
        self._names = {topics.down(kiosk.name): kiosk for kiosk in kiosks}
        self.acknowledged = 0
        self.last_s = 0.0
        self._changed = threading.Condition()
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        body = _text("MQTT") + bytes([4, 2]) + (600).to_bytes(2, "big") + _text("bench")
        self._socket.sendall(_packet(CONNECT, body))
        filters = b"".join(_text(topic) + b"\x00" for topic in self._names)
        self._socket.sendall(_packet(SUBSCRIBE, (1).to_bytes(2, "big") + filters))
        self._subscribed = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()
        if not self._subscribed.wait(10):
            raise RuntimeError("the broker takes no subscription")

    def send(self, packets: bytes) -> None:
        """What publish() made, one or many."""
        self._socket.sendall(packets)

    def wait(self, count: int) -> float:
        """Until so many reports were acknowledged since the start: when the last one was."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.acknowledged >= count, WAIT_S):
                raise RuntimeError(f"{self.acknowledged} of {count} reports were acknowledged")
            return self.last_s

    def close(self) -> None:
        self._socket.close()

    def _read(self) -> None:
        held = b""
        while True:
            try:
                more = self._socket.recv(1 << 16)
            except OSError:
                return
            if not more:
                return
            now_s = time.perf_counter()
            held += more
            at = 0
            while True:
                packet = _whole(held, at)
                if packet is None:
                    break
                kind, start, at = packet
                if kind >> 4 == 9:
                    self._subscribed.set()
                elif kind >> 4 == 3:
                    self._down(held[start:at], now_s)
            held = held[at:]

    def _down(self, body: bytes, now_s: float) -> None:
        size = int.from_bytes(body[:2], "big")
        kiosk, message = self._names[body[2 : 2 + size].decode()], body[2 + size :]
        *_, kind, fields = cast("list[Any]", cbor.decode(message[:-MAC_SIZE]))
        if kind == messages.ACK:
            with self._changed:
                self.acknowledged += len(messages.fields(kind, fields)["verdicts"])
                self.last_s = now_s
                self._changed.notify_all()
        kiosk.heard += 1


def _whole(held: bytes, at: int) -> tuple[int, int, int] | None:
    """(first byte, where its body starts and ends) of the packet at `at`; None when it is cut short."""
    size, shift, start = 0, 0, at + 1
    while True:
        if start >= len(held):
            return None
        byte = held[start]
        size |= (byte & 0x7F) << shift
        shift, start = shift + 7, start + 1
        if not byte & 0x80:
            break
    end = start + size
    return None if end > len(held) else (held[at], start, end)
