"""A small MQTT 3.1.1 client over a stream: QoS 1 both ways, keep-alive, last will, a session that is kept.

Delivery is the journal's business (the host acknowledges in its own words), so what the broker has not
acknowledged when a connection ends is not sent again here, and nothing is stored: a PUBACK only frees a place
in the window. What the broker kept for us comes after the next CONNECT. Every fault of line or broker is an
OSError; the link connects anew. Nothing larger than PAYLOAD_MAX is ever held. Source: OASIS MQTT 3.1.1.
"""

import asyncio

from hal import ticks
from hal.duty import readable

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PINGREQ = 1, 2, 3, 4, 8, 9, 12
KEEPALIVE_S = 20
PAYLOAD_MAX = 4096
TOPIC_MAX = 256
WINDOW = 8  # published and not yet acknowledged by the broker
POLL_MS = 10  # between looks at whether the line takes more, or there is room in the window
SEND_MS, ACK_MS = 5000, 8000  # all of a publish, behind another one: below supervisor.HANG_MS


def text(value) -> bytes:  # type: ignore[no-untyped-def]
    """A text as MQTT has it, its length before it."""
    raw = value.encode() if isinstance(value, str) else value
    return len(raw).to_bytes(2, "big") + raw


def packet(kind: int, flags: int, body: bytes, payload=b"") -> bytes:  # type: ignore[no-untyped-def]
    """Fixed header with the length in 7-bit groups, then the body, then the payload."""
    length, size = len(body) + len(payload), b""
    while True:
        length, group = length >> 7, length & 0x7F
        size += bytes([group | 0x80 if length else group])
        if not length:
            return b"".join((bytes([kind << 4 | flags]) + size, body, payload))


class Client:
    """One connection over an open stream that does not wait. on_message(payload: memoryview) is called for
    each message received: there is one topic that we ask for.
    """

    def __init__(self, stream, on_message) -> None:  # type: ignore[no-untyped-def]
        self._stream, self._on_message = stream, on_message
        self._packet_id = 0
        self._unacked: list = []  # packet numbers, oldest first
        self._sending = False  # two writers on one stream would mix their packets
        self._half = False  # what was sent last is not whole: what followed would be taken for its rest
        self.heard = True  # anything received since the last ping

    async def subscribe(self, topic: str) -> None:
        """Ask for a topic with QoS 1; the answer is read by run()."""
        await self.send(packet(SUBSCRIBE, 2, self._next_id() + text(topic) + b"\x01"))

    async def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        """Send with QoS 1, once there is room in the window."""
        began = ticks.now()
        while len(self._unacked) >= WINDOW:
            if ticks.since(began) > ACK_MS:
                raise OSError("broker acknowledges nothing")
            await asyncio.sleep_ms(POLL_MS)
        number = self._next_id()
        self._unacked.append(self._packet_id)
        await self.send(packet(PUBLISH, 3 if retain else 2, text(topic) + number, payload))

    async def ping(self) -> None:
        """Ask for a sign of life; OSError when none came since the last one."""
        if not self.heard:
            raise OSError("broker is silent")
        self.heard = False
        await self.send(packet(PINGREQ, 0, b""))

    async def run(self) -> None:
        """Receive until the connection ends: OSError, or whatever on_message raised."""
        while True:
            head = (await self.take(1))[0]
            length = shift = 0
            group = 0x80
            while group & 0x80:
                if shift > 21:
                    raise OSError("broken packet")
                group = (await self.take(1))[0]
                length |= (group & 0x7F) << shift
                shift += 7
            self.heard = True
            if head >> 4 == PUBLISH:
                await self._publish_received(head, length)
                continue
            if length > TOPIC_MAX:
                raise OSError("broken packet")
            body = await self.take(length)
            if head >> 4 == PUBACK and length == 2:
                number = int.from_bytes(body, "big")
                if number in self._unacked:
                    self._unacked.remove(number)
            elif head >> 4 == SUBACK and body[-1:] == b"\x80":
                raise OSError("broker refused the subscription")

    async def _publish_received(self, head: int, length: int) -> None:
        """Topic and number first, then the payload as one piece of memory."""
        qos = head >> 1 & 3
        size = int.from_bytes(await self.take(2), "big") if length >= 2 else length
        left = length - 2 - size - (2 if qos else 0)
        if qos > 1 or left < 0:
            raise OSError("broken publish")
        await self._skip(size)
        number = bytes(await self.take(2)) if qos else b""
        if left > PAYLOAD_MAX:
            print("mqtt: a message of %d bytes is passed over" % left)
            await self._skip(left)  # a retained one would come again at each connection
        else:
            self._on_message(memoryview(await self.take(left)))
        if qos:
            await self.send(packet(PUBACK, 0, number))

    async def take(self, size: int) -> bytearray:
        """The next bytes."""
        data = bytearray(size)
        rest = memoryview(data)
        while rest:
            await readable(self._stream)
            got = self._stream.readinto(rest)
            if got is not None:  # else it was not ours to read: a part of TLS
                if not got:
                    raise OSError("broker closed the connection")
                rest = rest[got:]
        return data

    async def _skip(self, length: int) -> None:
        while length:
            length -= len(await self.take(min(length, 512)))

    def _next_id(self) -> bytes:
        self._packet_id = self._packet_id % 0xFFFF + 1
        return self._packet_id.to_bytes(2, "big")

    async def send(self, data: bytes, within_ms: int = SEND_MS) -> None:
        """A whole packet. OSError when the line does not take it in time."""
        while self._sending:
            await asyncio.sleep_ms(POLL_MS)
        self._sending = True
        rest, began = memoryview(data), ticks.now()
        try:
            while rest:
                if self._stream is None or self._half:
                    raise OSError("not connected")
                sent = self._stream.write(rest)
                if sent:
                    rest = rest[sent:]
                elif ticks.since(began) > within_ms:
                    raise OSError("broker takes nothing")
                else:
                    await asyncio.sleep_ms(POLL_MS)
        finally:
            self._half, self._sending = len(rest) > 0, False

    async def close(self, receiving=None) -> None:  # type: ignore[no-untyped-def]
        """End the task that runs run(), and let go of the socket, whatever ails it."""
        if receiving is not None:
            receiving.cancel()
            try:
                await receiving
            except (Exception, asyncio.CancelledError):  # told already, if it ended the connection
                pass
        if self._stream is not None:
            stream, self._stream = self._stream, None
            try:
                stream.close()
            except OSError:
                pass
