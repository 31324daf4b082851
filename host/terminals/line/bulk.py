"""paho's MQTT client, taking and acknowledging messages by the hundred.

paho reads a message by three system calls, one or two bytes at a time, and waits for the socket anew before
each; a PUBACK is a packet and a wake-up of its own. When kiosks come back after an outage that is most of a
host's time. Here the socket is read by the buffer, PUBLISH with QoS 1 is taken apart in place and handed
over by the buffer, and PUBACKs are sent together. All else is left to paho, which finds its bytes where it
asks for them.
"""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import structlog
from paho.mqtt import client as paho
from paho.mqtt.enums import MessageType, MQTTErrorCode, MQTTProtocolVersion

from protocol.wire import envelope

CHUNK = 1 << 16
PACKET_MAX = envelope.SIZE_MAX + 4096  # with topic and properties; no packet that we need is larger
PUBLISH_0, PUBLISH_1 = 0x30, 0x32  # PUBLISH with QoS 0 and 1; bit 3: sent again, bit 0: was retained
_EITHER = 0x09
_HEAD_MAX = 2 + 0xFFFF + 2 + 4  # of PUBLISH: topic, number, how long the properties are
_PUBACK = b"\x40\x02"
_log = structlog.get_logger()


class Taken(NamedTuple):
    """A message with QoS 1 that waits for its acknowledgement by number."""

    topic: bytes
    payload: bytes
    number: int  # 0: with QoS 0
    dropped: int = 0  # size of a payload that was too large to be kept; payload is empty then


class Malformed(Exception):
    """Bytes that are no packet of MQTT."""


class Bulk(paho.Client):
    """take(messages) is called in the client's thread, with what one read of the socket brought.

    connection: counts them; a message's number means something on the one that it came on only.
    """

    def __init__(self, take: Callable[[list[Taken]], None], **settings: Any) -> None:
        super().__init__(manual_ack=True, **settings)
        self._taker = take
        self.connection = 0
        self._connecting = threading.Lock()
        self._held = bytearray()
        self._at = 0
        self._dropping: Taken | None = None
        self._to_drop = 0  # bytes of it still to come
        self._of: Any = None  # the socket that _held was read from
        self._has_properties = settings.get("protocol") == MQTTProtocolVersion.MQTTv5

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """See paho: called when there is something to read."""
        if self._sock is not self._of:
            self._held, self._at, self._of, self._dropping = bytearray(), 0, self._sock, None
        try:
            more = super()._sock_recv(CHUNK)
        except BlockingIOError:
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        except OSError:
            more = b""
        if not more:
            return self._loop_rc_handle(MQTTErrorCode.MQTT_ERR_CONN_LOST)
        with self._msgtime_mutex:
            self._last_bytes_received = time.monotonic()
        taken: list[Taken] = []
        del self._held[: self._at]
        self._at = 0
        self._held += self._drop(more, taken)
        try:
            code = self._read_held(taken)
        except Malformed:
            code = MQTTErrorCode.MQTT_ERR_PROTOCOL
        if taken:
            self._taker(taken)
        return self._loop_rc_handle(code) if code else code

    def reconnect(self) -> MQTTErrorCode:
        """See paho: it forgets what was queued for the connection before, then makes the new one."""
        with self._connecting:
            self.connection += 1
        return super().reconnect()

    def acknowledge(self, marks: Iterable[tuple[int, int]]) -> None:
        """PUBACK for these (connection, number) of this connection, in this order, in one write."""
        with self._connecting:  # or they could be queued after paho has forgotten what was
            numbers = [number for of, number in marks if number and of == self.connection]
            if numbers:
                packets = b"".join([_PUBACK + number.to_bytes(2, "big") for number in numbers])
                self._packet_queue(MessageType.PUBACK, packets, 0, 0)

    def _drop(self, more: bytes, taken: list[Taken]) -> bytes:
        """What of `more` is not of the message that is being dropped; at its end that one is taken."""
        if self._dropping is None:
            return more
        size = min(self._to_drop, len(more))
        self._to_drop -= size
        if not self._to_drop:
            taken.append(self._dropping)
            self._dropping = None
        return more[size:]

    def _read_held(self, taken: list[Taken]) -> MQTTErrorCode:
        """All whole packets: those of ours into `taken`, the others to paho. Malformed."""
        held = self._held
        while (bounds := body_of(held, self._at)) is not None:
            start, end = bounds
            kind = held[self._at] & ~_EITHER
            if end - start > PACKET_MAX and self._is_dropped(kind, start, end, taken):
                continue
            if end > len(held):
                break
            if kind == PUBLISH_1:
                topic, number, at = self._head(held, start, end, True)
                taken.append(Taken(topic, bytes(held[at:end]), number))
                self._at = end
                continue
            try:
                code = self._packet_read()
            except Exception:  # paho expects a broker that keeps to the protocol
                _log.exception("a packet of the broker could not be read; the connection is begun anew")
                raise Malformed from None
            self._at = end
            if code != MQTTErrorCode.MQTT_ERR_SUCCESS or self._sock is not self._of:
                return code
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _is_dropped(self, kind: int, start: int, end: int, taken: list[Taken]) -> bool:
        """Begin to drop a packet that is too large, once its head is there. Malformed: it is no message."""
        held = self._held
        if kind not in (PUBLISH_0, PUBLISH_1):
            raise Malformed
        if len(held) < min(start + _HEAD_MAX, end):
            return False
        topic, number, at = self._head(held, start, end, kind == PUBLISH_1)
        self._dropping = Taken(topic, b"", number, end - at)
        self._at = min(end, len(held))
        self._to_drop = end - self._at
        self._drop(b"", taken)
        return True

    def _sock_recv(self, bufsize: int) -> bytes:
        """What paho asks for, out of what was read already."""
        if self._sock is not self._of:
            raise ConnectionError("the connection is another by now")
        part = bytes(self._held[self._at : self._at + bufsize])
        self._at += len(part)
        if not part:
            raise BlockingIOError
        return part

    def _head(self, data: bytearray, start: int, end: int, is_numbered: bool) -> tuple[bytes, int, int]:
        """(topic, number or 0, where the payload begins) of the PUBLISH whose body is data[start:end]."""
        at = start + 2 + int.from_bytes(data[start : start + 2], "big")
        topic, number = bytes(data[start + 2 : at]), 0
        if is_numbered:
            number = int.from_bytes(data[at : at + 2], "big")
            at += 2
        if self._has_properties:
            size, at = length_at(data, at) or (0, end + 1)
            at += size
        if at > end:
            raise Malformed
        return topic, number, at


def length_at(data: bytes | bytearray, at: int) -> tuple[int, int] | None:
    """A variable byte integer (MQTT 5.0, 1.5.5) at `at` -> (value, offset behind it); None: cut short.

    Malformed: it goes on after four bytes.
    """
    value = 0
    for place in range(4):
        if at >= len(data):
            return None
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at
    raise Malformed


def body_of(data: bytes | bytearray, at: int) -> tuple[int, int] | None:
    """Where the body of the packet at `at` begins and will end; None while its length is not all there."""
    length = length_at(data, at + 1)
    if length is None:
        return None
    size, start = length
    return start, start + size
