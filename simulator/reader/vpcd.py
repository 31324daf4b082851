"""A PC/SC slot: the card side of vpcd, the virtual reader driver of pcscd.

Frames both ways: length (2 bytes, big endian) and content. From vpcd one byte is a control (00 power off,
01 power on, 02 reset, 04 ATR wanted) and anything else an APDU, as DESFire has native commands of one byte.
Connecting puts the card into the slot, closing takes it out.
"""

import contextlib
import socket
import threading
from typing import Final

from simulator.card.contactless import ContactlessCard
from simulator.reader.field import Field

# What PC/SC part 3 has a contactless reader make of our ATS, whose only historical byte is 80.
ATR: Final = bytes.fromhex("3B8180018080")
_ATR_WANTED: Final = b"\x04"
_POWER_CONTROLS: Final = (b"\x00", b"\x01", b"\x02")
_CONNECT_TIMEOUT_S: Final = 5.0


class VpcdSlot:
    """Brings the first card of a field to vpcd on 127.0.0.1:`port`; a card without APDUs stays out."""

    def __init__(self, field: Field, port: int) -> None:
        self._field = field
        self._port = port
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._stopped = True
        self.error: OSError | None = None

    def start(self) -> "VpcdSlot":
        """Follows the field from now on. Raises ConnectionError when a card is there and vpcd is not."""
        self._stopped = False
        self._field.subscribe(self._on_field)
        self._insert()
        if self.error is not None:
            self.stop()
            raise ConnectionError(f"no vpcd on 127.0.0.1:{self._port}: is pcscd running?") from self.error
        return self

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
        with contextlib.suppress(ValueError):  # stopped before
            self._field.unsubscribe(self._on_field)
        self._eject()

    def __enter__(self) -> "VpcdSlot":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _on_field(self, kind: str, detail: str) -> None:
        if kind == "placed":
            self._insert()
        elif self._field.card is None:
            self._eject()

    def _insert(self) -> None:
        card = self._field.card
        with self._lock:
            if self._stopped or card is None or not card.iso_dep or self._connection is not None:
                return
            try:
                self._connection = socket.create_connection(("127.0.0.1", self._port), _CONNECT_TIMEOUT_S)
            except OSError as error:
                self.error = error
                return
            self.error = None
            self._connection.settimeout(None)
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            arguments = (self._connection, card)
            self._thread = threading.Thread(target=self._serve, args=arguments, name="vpcd", daemon=True)
            self._thread.start()

    def _eject(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
            thread, self._thread = self._thread, None
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _serve(self, connection: socket.socket, card: ContactlessCard) -> None:
        with contextlib.suppress(OSError):
            while (request := _receive(connection)) is not None:
                if request == _ATR_WANTED:
                    _send(connection, ATR)
                elif request in _POWER_CONTROLS:
                    self._field.activate(card)
                else:
                    answer = self._field.exchange(card, request)
                    if answer is None:
                        break
                    _send(connection, answer)
                    self._field.delivered(card)
        self._eject()


def _send(connection: socket.socket, content: bytes) -> None:
    connection.sendall(len(content).to_bytes(2, "big") + content)


def _receive(connection: socket.socket) -> bytes | None:
    """One frame; None at the end of the connection."""
    head = _exactly(connection, 2)
    return _exactly(connection, int.from_bytes(head, "big")) if head else None


def _exactly(connection: socket.socket, count: int) -> bytes | None:
    data = b""
    while len(data) < count:
        # Linux falls back to delayed acknowledgements by itself, which would cost 40 ms an APDU.
        if hasattr(socket, "TCP_QUICKACK"):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        part = connection.recv(count - len(data))
        if not part:
            return None
        data += part
    return data
