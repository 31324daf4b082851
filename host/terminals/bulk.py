"""paho's MQTT client, taking and acknowledging messages by the hundred.

paho reads a message by three system calls, one or two bytes at a time, and waits for the socket anew before
each; a PUBACK is a packet and a wake-up of its own. When kiosks come back after an outage that is most of a
host's time. Here the socket is read by the buffer, PUBLISH with QoS 1 is taken apart in place and handed
over by the buffer, and PUBACKs are sent together. All else is left to paho, which finds its bytes where it
asks for them.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import structlog
from paho.mqtt import client as paho
from paho.mqtt.enums import MessageType, MQTTErrorCode, MQTTProtocolVersion

CHUNK = 1 << 16
PUBLISH_1 = 0x32  # PUBLISH with QoS 1; bit 3: sent again, bit 0: was retained
_EITHER = 0x09
_PUBACK = b"\x40\x02"
_log = structlog.get_logger()


class Taken(NamedTuple):
    """A message with QoS 1 that waits for its acknowledgement by number."""

    topic: bytes
    payload: bytes
    number: int


class Bulk(paho.Client):
    """take(messages) is called in the client's thread, with what one read of the socket brought."""

    def __init__(self, take: Callable[[list[Taken]], None], **settings: Any) -> None:
        super().__init__(manual_ack=True, **settings)
        self._taker = take
        self._held = b""
        self._at = 0
        self._of: Any = None  # the socket that _held was read from
        self._has_properties = settings.get("protocol") == MQTTProtocolVersion.MQTTv5

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """See paho: called when there is something to read."""
        if self._sock is not self._of:
            self._held, self._at, self._of = b"", 0, self._sock
        try:
            more = super()._sock_recv(CHUNK)
        except BlockingIOError:
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        except OSError:
            more = b""
        if not more:
            return self._loop_rc_handle(MQTTErrorCode.MQTT_ERR_CONN_LOST)
        self._held, self._at = self._held[self._at :] + more, 0
        with self._msgtime_mutex:
            self._last_bytes_received = time.monotonic()
        taken: list[Taken] = []
        code = self._read_held(taken)
        if taken:
            self._taker(taken)
        return self._loop_rc_handle(code) if code else code

    def acknowledge(self, numbers: list[int]) -> None:
        """PUBACK for these, in this order, in one write."""
        packets = b"".join([_PUBACK + number.to_bytes(2, "big") for number in numbers])
        if packets:
            self._packet_queue(MessageType.PUBACK, packets, 0, 0)

    def _read_held(self, taken: list[Taken]) -> MQTTErrorCode:
        """All whole packets: those of ours into `taken`, the others to paho."""
        held = self._held
        while (bounds := whole(held, self._at)) is not None:
            start, end = bounds
            if held[self._at] & ~_EITHER == PUBLISH_1:
                message = self._message(held[start:end])
                if message is None:
                    return MQTTErrorCode.MQTT_ERR_PROTOCOL
                taken.append(message)
                self._at = end
                continue
            try:
                code = self._packet_read()
            except Exception:  # paho expects a broker that keeps to the protocol
                _log.exception("a packet of the broker could not be read; the connection is begun anew")
                return MQTTErrorCode.MQTT_ERR_PROTOCOL
            self._at = end
            if code != MQTTErrorCode.MQTT_ERR_SUCCESS or self._sock is not self._of:
                return code
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _sock_recv(self, bufsize: int) -> bytes:
        """What paho asks for, out of what was read already."""
        if self._sock is not self._of:
            raise ConnectionError("the connection is another by now")
        part = self._held[self._at : self._at + bufsize]
        self._at += len(part)
        if not part:
            raise BlockingIOError
        return part

    def _message(self, body: bytes) -> Taken | None:
        size = int.from_bytes(body[:2], "big")
        at = 4 + size
        if at > len(body):
            return None
        number = int.from_bytes(body[2 + size : at], "big")
        if self._has_properties:
            properties = length_at(body, at)
            if properties is None:
                return None
            at = properties[1] + properties[0]
        return Taken(body[2 : 2 + size], body[at:], number)


def length_at(data: bytes, at: int) -> tuple[int, int] | None:
    """A variable byte integer (MQTT 5.0, 1.5.5) at `at` -> (value, offset behind it); None: cut short."""
    value = 0
    for place in range(4):
        if at >= len(data):
            return None
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at
    return value, at  # paho refuses a fifth byte when it reads the packet


def whole(data: bytes, at: int) -> tuple[int, int] | None:
    """Where the body of the packet at `at` begins and ends; None while it is not all there."""
    length = length_at(data, at + 1)
    if length is None:
        return None
    size, start = length
    return (start, start + size) if start + size <= len(data) else None
