"""A small MQTT 3.1.1 client over a stream: QoS 1 both ways, keep-alive, last will, a session that is kept.

Delivery is the journal's business (the host acknowledges in its own words), so what the broker has not
acknowledged when a connection ends is not sent again here, and nothing is stored: a PUBACK only frees a place
in the window. What the broker kept for us comes after the next CONNECT. Every fault of line or broker is an
OSError; the link connects anew. Nothing larger than PAYLOAD_MAX is ever held. Source: OASIS MQTT 3.1.1.
"""

import asyncio

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PINGREQ = 1, 2, 3, 4, 8, 9, 12
KEEPALIVE_S = 20
PAYLOAD_MAX = 4096
TOPIC_MAX = 256
WINDOW = 8  # published and not yet acknowledged by the broker
CONNECT_MS = 15_000  # a line of 2 s each way takes four times as long for a handshake
SEND_MS, ACK_MS = 5000, 8000  # all of a publish, behind another one: below supervisor.HANG_MS


def _text(value) -> bytes:  # type: ignore[no-untyped-def]
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
    """One connection over an open stream (of asyncio). on_message(payload: memoryview) is called for each
    message received: there is one topic that we ask for.
    """

    def __init__(self, stream, on_message) -> None:  # type: ignore[no-untyped-def]
        self._stream, self._on_message = stream, on_message
        self._packet_id = 0
        self._unacked: list = []  # packet numbers, oldest first
        self._room = asyncio.Event()
        self._sending = asyncio.Lock()  # two writers on one stream would lose each other's turn
        self.heard = True  # anything received since the last ping

    async def connect(self, client_id: str, will_topic: str) -> None:
        """Say who we are, with a retained last will "offline"; when this returns, TLS stands."""
        # will with QoS 1 and retain; no clean session
        head = _text("MQTT") + b"\x04\x2c" + KEEPALIVE_S.to_bytes(2, "big")
        body = head + _text(client_id) + _text(will_topic) + _text("offline")
        await self._send(packet(CONNECT, 0, body), CONNECT_MS)

    async def connected(self) -> bool:
        """The broker's answer: did it keep a session for us? OSError when it refuses or is silent."""
        try:
            head = await asyncio.wait_for_ms(self._take(4), CONNECT_MS)
        except asyncio.TimeoutError:
            raise OSError("broker is silent")
        if head[0] >> 4 != CONNACK or head[1] != 2:
            raise OSError("no MQTT broker answers there")
        body = head[2:]
        if body[1]:
            raise OSError("broker refused the connection: code %d" % body[1])
        return body[0] == 1

    async def subscribe(self, topic: str) -> None:
        """Ask for a topic with QoS 1; the answer is read by run()."""
        await self._send(packet(SUBSCRIBE, 2, self._next_id() + _text(topic) + b"\x01"))

    async def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        """Send with QoS 1, once there is room in the window."""
        while len(self._unacked) >= WINDOW:
            self._room.clear()
            try:
                await asyncio.wait_for_ms(self._room.wait(), ACK_MS)
            except asyncio.TimeoutError:
                raise OSError("broker acknowledges nothing")
        number = self._next_id()
        self._unacked.append(self._packet_id)
        await self._send(packet(PUBLISH, 3 if retain else 2, _text(topic) + number, payload))

    async def ping(self) -> None:
        """Ask for a sign of life; OSError when none came since the last one."""
        if not self.heard:
            raise OSError("broker is silent")
        self.heard = False
        await self._send(packet(PINGREQ, 0, b""))

    async def run(self) -> None:
        """Receive until the connection ends: OSError, or whatever on_message raised."""
        while True:
            head, length = await self._head()
            self.heard = True
            if head >> 4 == PUBLISH:
                await self._publish_received(head, length)
                continue
            if length > TOPIC_MAX:
                raise OSError("broken packet")
            body = await self._take(length)
            if head >> 4 == PUBACK and length == 2:
                number = int.from_bytes(body, "big")
                if number in self._unacked:
                    self._unacked.remove(number)
                    self._room.set()
            elif head >> 4 == SUBACK and body[-1:] == b"\x80":
                raise OSError("broker refused the subscription")

    async def _publish_received(self, head: int, length: int) -> None:
        """Topic and number first, then the payload as one piece of memory."""
        qos = head >> 1 & 3
        size = int.from_bytes(await self._take(2), "big") if length >= 2 else length
        left = length - 2 - size - (2 if qos else 0)
        if qos > 1 or left < 0:
            raise OSError("broken publish")
        await self._skip(size)
        number = bytes(await self._take(2)) if qos else b""
        if left > PAYLOAD_MAX:
            print("mqtt: a message of %d bytes is passed over" % left)
            await self._skip(left)  # a retained one would come again at each connection
        else:
            self._on_message(memoryview(await self._take(left)))
        if qos:
            await self._send(packet(PUBACK, 0, number))

    async def _head(self) -> tuple[int, int]:
        """The first byte of a packet, and the length of what follows."""
        first = (await self._take(1))[0]
        length = shift = 0
        while True:
            group = (await self._take(1))[0]
            length |= (group & 0x7F) << shift
            if not group & 0x80:
                return first, length
            shift += 7
            if shift > 21:
                raise OSError("broken packet")

    async def _take(self, size: int) -> bytearray:
        """The next bytes."""
        data = bytearray(size)
        rest = memoryview(data)
        while rest:
            got = await self._stream.readinto(rest)
            if got is not None:  # else it was not ours to read: a part of TLS
                if not got:
                    raise OSError("broker closed the connection")
                rest = rest[got:]
        return data

    async def _skip(self, length: int) -> None:
        while length:
            length -= len(await self._take(min(length, 512)))

    def _next_id(self) -> bytes:
        self._packet_id = self._packet_id % 0xFFFF + 1
        return self._packet_id.to_bytes(2, "big")

    async def _send(self, data: bytes, within_ms: int = SEND_MS) -> None:
        async with self._sending:
            if self._stream is None:
                raise OSError("not connected")
            try:
                self._stream.write(data)
                await asyncio.wait_for_ms(self._stream.drain(), within_ms)
            except asyncio.TimeoutError:
                raise OSError("broker takes nothing")

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
                await stream.wait_closed()
            except OSError:
                pass
