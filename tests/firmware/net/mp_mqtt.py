"""MQTT packets: lengths, and a broker that talks nonsense ends the connection, nothing else."""

MICROPYTHON_ONLY = True

import asyncio

from net import mqtt


class Script:
    """Stands where the stream is: gives these bytes, then the end."""

    def __init__(self, data):
        self.data = data

    async def readexactly(self, n):
        if len(self.data) < n:
            raise EOFError
        taken, self.data = self.data[:n], self.data[n:]
        return taken


class Sink:
    def __init__(self):
        self.sent = b""

    def write(self, data):
        self.sent += data

    async def drain(self):
        pass


def converse(data):
    """Let a client receive `data` -> (messages, bytes sent, the sentence that ended it)."""
    heard = []
    client = mqtt.Client(lambda topic, payload: heard.append((topic, payload)))
    client._reader, client._writer = Script(data), Sink()
    try:
        asyncio.run(client.run())
    except OSError as error:
        return heard, client._writer.sent, error.args[0]


def test_lengths_are_written_in_groups_of_seven_bits():
    assert mqtt.packet(12, 0, b"") == b"\xc0\x00"
    assert mqtt.packet(3, 2, bytes(127))[:2] == b"\x32\x7f"
    assert mqtt.packet(3, 2, bytes(128))[:3] == b"\x32\x80\x01"
    assert mqtt.packet(3, 2, bytes(16384))[:4] == b"\x32\x80\x80\x01"


def test_a_message_is_handed_on_and_acknowledged():
    body = b"\x00\x01t" + b"\x12\x34" + b"hello"
    heard, sent, end = converse(mqtt.packet(mqtt.PUBLISH, 2, body))
    assert heard == [("t", b"hello")]
    assert sent == b"\x40\x02\x12\x34"
    assert end == "broker closed the connection"


def test_nonsense_ends_the_connection_with_a_sentence():
    cases = (
        (b"\x30\xff\xff\xff\xff\x01", "broken packet"),
        (mqtt.packet(mqtt.PUBLISH, 4, b"\x00\x01t\x00\x01x"), "broken publish"),
        (mqtt.packet(mqtt.PUBLISH, 2, b"\x00\xfft"), "broken publish"),
        (mqtt.packet(mqtt.PUBLISH, 0, b"\x00\x02\xff\xfex"), "broken topic"),
        (mqtt.packet(mqtt.SUBACK, 0, b"\x00\x01\x80"), "broker refused the subscription"),
        (b"\x30\x05ab", "broker closed the connection"),
        (b"", "broker closed the connection"),
    )
    for data, sentence in cases:
        heard, _, end = converse(data)
        assert (heard, end) == ([], sentence), (data, heard, end)


def test_a_packet_that_is_too_long_is_passed_over():
    long, good = bytes(mqtt.PACKET_MAX + 1), b"\x00\x01t" + b"hello"
    heard, sent, _ = converse(mqtt.packet(mqtt.PUBLISH, 0, long) + mqtt.packet(mqtt.PUBLISH, 0, good))
    assert (heard, sent) == ([("t", b"hello")], b"")


def test_silence_since_the_last_ping_is_noticed():
    client = mqtt.Client(None)
    client._writer = Sink()
    client.heard = True
    asyncio.run(client.ping())
    try:
        asyncio.run(client.ping())
    except OSError as error:
        assert error.args[0] == "broker is silent"
        return
    raise AssertionError("not noticed")
