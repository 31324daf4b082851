"""MQTT packets: lengths, and a broker that talks nonsense ends the connection, nothing else."""

MICROPYTHON_ONLY = True

import asyncio
import random
import sys


class Chip:
    """Stands for the modules of the chip."""

    Partition = WLAN = None


sys.modules["network"] = sys.modules["esp32"] = Chip

from hal import duty
from net import climb, mqtt


class Stream:
    """Gives these bytes, a few at a time and sometimes none, then the end; keeps what is written, a few bytes
    at a time too.
    """

    def __init__(self, data):
        self.data, self.sent = data, b""
        self.largest = self.turn = 0

    def readinto(self, view):
        self.largest = max(self.largest, len(view))
        self.turn += 1
        if self.turn % 5 == 0:
            return None  # a part of TLS
        size = min(len(view), 700)
        view[: len(self.data[:size])] = self.data[:size]
        got, self.data = len(self.data[:size]), self.data[size:]
        return got

    def write(self, data):
        self.turn += 1
        if self.turn % 5 == 0:
            return None
        self.sent += bytes(data[:1000])
        return len(data[:1000])

    def close(self):
        pass


async def at_once(_stream):
    pass


mqtt.readable, mqtt.POLL_MS = at_once, 1


def end_of(working):
    """The sentence of the OSError that this ends with."""
    try:
        asyncio.run(working)
    except OSError as error:
        return error.args[0]
    raise AssertionError("went on")


def converse(data):
    """Let a client receive `data` -> (messages, bytes sent, the sentence that ended it)."""
    heard, stream = [], Stream(data)
    client = mqtt.Client(stream, lambda payload: heard.append(bytes(payload)))
    end = end_of(client.run())
    assert stream.largest <= mqtt.PAYLOAD_MAX
    return heard, stream.sent, end


def test_lengths_are_written_in_groups_of_seven_bits():
    assert mqtt.packet(12, 0, b"") == b"\xc0\x00"
    assert mqtt.packet(3, 2, bytes(127))[:2] == b"\x32\x7f"
    assert mqtt.packet(3, 2, bytes(100), bytes(28))[:3] == b"\x32\x80\x01"
    assert mqtt.packet(3, 2, bytes(16384))[:4] == b"\x32\x80\x80\x01"


def test_a_message_is_handed_on_and_acknowledged():
    for payload in (b"hello", b"", bytes(range(256)) * 16):
        body = b"\x00\x01t" + b"\x12\x34" + payload
        heard, sent, end = converse(mqtt.packet(mqtt.PUBLISH, 2, body))
        assert heard == [payload]
        assert sent == b"\x40\x02\x12\x34"
        assert end == "broker closed the connection"


def test_nonsense_ends_the_connection_with_a_sentence():
    cases = (
        (b"\x30\xff\xff\xff\xff\x01", "broken packet"),
        (mqtt.packet(mqtt.PUBLISH, 4, b"\x00\x01t\x00\x01x"), "broken publish"),
        (mqtt.packet(mqtt.PUBLISH, 2, b"\x00\xfft"), "broken publish"),
        (mqtt.packet(mqtt.PUBLISH, 2, b"\x00\x01t\x01"), "broken publish"),
        (mqtt.packet(mqtt.PUBLISH, 0, b"\x00"), "broken publish"),
        (mqtt.packet(mqtt.PUBLISH, 0, b""), "broken publish"),
        (mqtt.packet(mqtt.SUBACK, 0, b"\x00\x01\x80"), "broker refused the subscription"),
        (mqtt.packet(mqtt.SUBACK, 0, bytes(300)), "broken packet"),
        (b"\x30\x05ab", "broken publish"),
        (b"\x30\x05\x00\x01t", "broker closed the connection"),
        (b"", "broker closed the connection"),
    )
    for data, sentence in cases:
        heard, _, end = converse(data)
        assert (heard, end) == ([], sentence), (data, heard, end)


def test_whatever_comes_ends_in_a_sentence():
    random.seed(7)
    good = mqtt.packet(mqtt.PUBLISH, 2, b"\x00\x01t\x12\x34hello") + mqtt.packet(mqtt.PUBACK, 0, b"\x00\x01")
    for _ in range(1000):
        data = bytearray(good * random.randrange(1, 4))
        for _ in range(random.randrange(1, 6)):
            data[random.randrange(len(data))] = random.randrange(256)
        _, _, end = converse(bytes(data))
        assert isinstance(end, str)


def test_a_message_that_is_too_long_is_passed_over_and_acknowledged():
    head, good = b"\x00\x01t", b"\x00\x01t" + b"hello"
    long = head + b"\x00\x07" + bytes(mqtt.PAYLOAD_MAX + 1)
    heard, sent, _ = converse(mqtt.packet(mqtt.PUBLISH, 2, long) + mqtt.packet(mqtt.PUBLISH, 0, good))
    assert (heard, sent) == ([b"hello"], b"\x40\x02\x00\x07")


def test_silence_since_the_last_ping_is_noticed():
    client = mqtt.Client(Stream(b""), None)
    asyncio.run(client.ping())
    assert end_of(client.ping()) == "broker is silent"


def test_the_broker_says_whether_it_kept_a_session():
    for data, kept in ((b"\x20\x02\x00\x00", False), (b"\x20\x02\x01\x00", True)):
        assert asyncio.run(climb.connected(mqtt.Client(Stream(data), None))) is kept
    for data, sentence in (
        (b"\x20\x02\x00\x05", "broker refused the connection: code 5"),
        (b"\x20\x01\x00\x00", "no MQTT broker answers there"),
        (b"\x30\x02\x00\x00", "no MQTT broker answers there"),
        (b"HTTP/1.1 400 Bad Request\r\n", "no MQTT broker answers there"),
        (b"\x20", "broker closed the connection"),
    ):
        assert end_of(climb.connected(mqtt.Client(Stream(data), None))) == sentence, data


def test_a_broker_that_takes_its_time_to_answer_is_no_task_that_hangs():
    class Line:
        layer = 0

        def stands(self):
            self.layer = 9

    class Slow(Stream):
        def readinto(self, view):
            duty.absent[:] = ["link"]  # the others have checked in meanwhile
            return super().readinto(view)

    line = Line()
    assert asyncio.run(climb.greet(line, mqtt.Client(Slow(b"\x20\x02\x01\x00"), None), "K1"))
    assert line.layer == 9 and duty.absent == []


def test_the_connection_asks_for_a_session_that_is_kept_and_leaves_a_will():
    stream = Stream(b"")
    asyncio.run(climb.connect(mqtt.Client(stream, None), "kiosk-K1", "status"))
    assert stream.sent == (
        b"\x10\x25\x00\x04MQTT\x04\x2c\x00\x14\x00\x08kiosk-K1\x00\x06status\x00\x07offline"
    )


def test_at_most_a_window_is_published_until_the_broker_acknowledges():
    stream = Stream(b"")
    client = mqtt.Client(stream, None)

    async def work():
        mqtt.ACK_MS = 30
        for _ in range(mqtt.WINDOW):
            await client.publish("t", b"x")
        try:
            await client.publish("t", b"x")
        except OSError as error:
            assert error.args[0] == "broker acknowledges nothing"
        else:
            raise AssertionError("one too many")
        # an unknown number frees nothing, its own once
        stream.data = b"\x40\x02\x99\x99" + b"\x40\x02\x00\x03" * 2
        waiting = asyncio.create_task(client.publish("t", b"y"))
        await asyncio.sleep_ms(0)
        try:
            await client.run()
        except OSError:
            pass
        await waiting
        assert len(client._unacked) == mqtt.WINDOW

    asyncio.run(work())
    assert stream.sent.count(b"y") == 1


def test_packets_of_two_writers_are_not_mixed():
    stream = Stream(b"")
    client = mqtt.Client(stream, None)

    async def work():
        tasks = [asyncio.create_task(client.publish("t", letter * 3000)) for letter in (b"x", b"y", b"z")]
        for task in tasks:
            await task

    asyncio.run(work())
    for letter in (b"x", b"y", b"z"):
        assert letter * 3000 in stream.sent


def test_a_line_that_takes_nothing_is_given_up():
    stream = Stream(b"")
    stream.write = lambda data: None
    client = mqtt.Client(stream, None)
    assert end_of(client.send(b"x", 20)) == "broker takes nothing"
    asyncio.run(client.close())
    assert end_of(client.send(b"x")) == "not connected"


def test_behind_half_a_packet_nothing_is_sent():
    stream = Stream(b"")
    client = mqtt.Client(stream, None)
    takes = [3, 0]  # bytes, then nothing for as long as the first writer waits

    def write(data):
        size = takes.pop(0) if takes else 0 if client.heard else len(data)
        stream.sent += bytes(data[:size])
        return size or None

    async def work():
        stream.write = write
        first = asyncio.create_task(client.send(b"first", 20))
        second = asyncio.create_task(client.send(b"second", 1000))
        said = []
        for task in (first, second):
            try:
                await task
            except OSError as error:
                said.append(error.args[0])
            client.heard = False  # the line takes everything again
        return said

    assert asyncio.run(work()) == ["broker takes nothing", "not connected"]
    assert stream.sent == b"fir"
