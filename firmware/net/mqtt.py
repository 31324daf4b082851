"""A small MQTT 3.1.1 client on asyncio streams: QoS 1 both ways, keep-alive, last will.

Delivery is the journal's business (the host acknowledges in its own words), so a PUBACK only frees a place in
the window and nothing is stored here. Every fault of line or broker is an OSError; the link connects anew.
Source: OASIS MQTT 3.1.1.
"""

import asyncio

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PINGREQ = 1, 2, 3, 4, 8, 9, 12
KEEPALIVE_S = 20
PACKET_MAX = 16384
CONNECT_MS = SEND_MS = 5000


def _text(value) -> bytes:  # type: ignore[no-untyped-def]
    raw = value.encode() if isinstance(value, str) else value
    return len(raw).to_bytes(2, "big") + raw


def packet(kind: int, flags: int, body: bytes) -> bytes:
    """Fixed header with the length in 7-bit groups, then the body."""
    length, size = len(body), b""
    while True:
        length, group = length >> 7, length & 0x7F
        size += bytes([group | 0x80 if length else group])
        if not length:
            return bytes([kind << 4 | flags]) + size + body


class Client:
    """One connection. on_message(topic: str, payload: bytes) is called for each message received."""

    def __init__(self, on_message) -> None:  # type: ignore[no-untyped-def]
        self._on_message = on_message
        self._reader: asyncio.StreamReader = None
        self._writer: asyncio.StreamWriter = None
        self._packet_id = 0
        self._sending = asyncio.Lock()  # two writers on one stream would lose each other's turn
        self.heard = False  # anything received since the last ping

    async def connect(self, host: str, port: int, client_id: str, will_topic: str) -> None:
        """Connect with a retained last will "offline"; OSError when the broker refuses or is silent."""
        opened = asyncio.open_connection(host, port)
        try:
            self._reader, self._writer = await asyncio.wait_for_ms(opened, CONNECT_MS)
            will = _text(will_topic) + _text("offline")
            # clean session, will with QoS 1 and retain
            head = _text("MQTT") + b"\x04\x2e" + KEEPALIVE_S.to_bytes(2, "big")
            await self._send(packet(CONNECT, 0, head + _text(client_id) + will))
            kind, _, body = await asyncio.wait_for_ms(self._receive(), CONNECT_MS)
        except asyncio.TimeoutError:
            raise OSError("broker is silent")
        if kind != CONNACK or len(body) != 2 or body[1]:
            raise OSError("broker refused the connection: %s" % body)

    async def subscribe(self, topic: str) -> None:
        """Ask for a topic with QoS 1; the answer is read by run()."""
        await self._send(packet(SUBSCRIBE, 2, self._next_id() + _text(topic) + b"\x01"))

    async def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        """Send with QoS 1."""
        await self._send(packet(PUBLISH, 3 if retain else 2, _text(topic) + self._next_id() + payload))

    async def ping(self) -> None:
        """Ask for a sign of life; OSError when none came since the last one."""
        if not self.heard:
            raise OSError("broker is silent")
        self.heard = False
        await self._send(packet(PINGREQ, 0, b""))

    async def run(self) -> None:
        """Receive until the connection ends: OSError, or whatever on_message raised."""
        self.heard = True
        while True:
            kind, flags, body = await self._receive()
            self.heard = True
            if kind == PUBLISH:
                await self._publish_received(flags, body)
            elif kind == SUBACK and body[-1:] == b"\x80":
                raise OSError("broker refused the subscription")

    async def _publish_received(self, flags: int, body: bytes) -> None:
        size = int.from_bytes(body[:2], "big")
        qos = flags >> 1 & 3
        at = 2 + size + (2 if qos else 0)
        if qos > 1 or len(body) < at:
            raise OSError("broken publish")
        try:
            topic = body[2 : 2 + size].decode()
        except UnicodeError:
            raise OSError("broken topic")
        self._on_message(topic, body[at:])
        if qos:
            await self._send(packet(PUBACK, 0, body[at - 2 : at]))

    async def _receive(self) -> tuple[int, int, bytes]:
        try:
            first = (await self._reader.readexactly(1))[0]
            length = shift = 0
            while True:
                group = (await self._reader.readexactly(1))[0]
                length |= (group & 0x7F) << shift
                shift += 7
                if not group & 0x80:
                    break
                if shift > 21:
                    raise OSError("broken packet")
            if length > PACKET_MAX:
                await self._skip(length)  # a retained one would come again at each connection
                return 0, 0, b""
            body = await self._reader.readexactly(length) if length else b""
        except EOFError:
            raise OSError("broker closed the connection")
        return first >> 4, first & 15, body

    async def _skip(self, length: int) -> None:
        print("mqtt: a packet of %d bytes is passed over" % length)
        while length:
            length -= len(await self._reader.readexactly(min(length, 512)))

    def _next_id(self) -> bytes:
        self._packet_id = self._packet_id % 0xFFFF + 1
        return self._packet_id.to_bytes(2, "big")

    async def _send(self, data: bytes) -> None:
        async with self._sending:
            if self._writer is None:
                raise OSError("not connected")
            try:
                self._writer.write(data)
                await asyncio.wait_for_ms(self._writer.drain(), SEND_MS)
            except asyncio.TimeoutError:
                raise OSError("broker takes nothing")

    async def close(self) -> None:
        """Let go of the socket, whatever ails it."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.close()
            try:
                await writer.wait_closed()
            except OSError:
                pass
