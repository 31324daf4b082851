import random
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from host.terminals.line.bulk import CHUNK, PACKET_MAX, Bulk, Malformed, Taken, body_of, length_at


class Peer:
    """A client whose broker is the other end of a pair of sockets."""

    def __init__(self, version: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311) -> None:
        self.taken: list[list[Taken]] = []
        self.plain: list[bytes] = []
        self.client = Bulk(
            self.taken.append,
            callback_api_version=CallbackAPIVersion.VERSION2,
            client_id="x",
            protocol=version,
        )
        self.client.on_message = lambda _client, _data, message: self.plain.append(bytes(message.payload))
        self.broker, own = socket.socketpair()
        own.setblocking(False)
        self.client._sock = own

    def hears(self, data: bytes) -> MQTTErrorCode:
        self.broker.sendall(data)
        return self.client.loop_read()

    @property
    def all(self) -> list[Taken]:
        return [message for part in self.taken for message in part]

    def close(self) -> None:
        self.broker.close()
        self.client._sock_close()


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    yield peer
    peer.close()


def length(n: int) -> bytes:
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def packet(first: int, body: bytes) -> bytes:
    return bytes([first]) + length(len(body)) + body


def publish(topic: bytes, payload: bytes, number: int, first: int = 0x32, properties: bytes = b"") -> bytes:
    own = b"" if not first & 0x06 else number.to_bytes(2, "big")
    return packet(first, len(topic).to_bytes(2, "big") + topic + own + properties + payload)


def test_what_one_read_brings_is_handed_over_together_and_in_order(peer: Peer) -> None:
    sent = [Taken(b"t/%d" % n, bytes([n]) * (n * 3), n + 1) for n in range(50)]
    assert peer.hears(b"".join(publish(*message[:3]) for message in sent)) == MQTTErrorCode.MQTT_ERR_SUCCESS
    assert peer.taken == [sent]


@pytest.mark.parametrize("seed", range(8))
def test_packets_cut_anywhere_are_whole_again(peer: Peer, seed: int) -> None:
    """Of ours, of QoS 0, and of paho's own, in chunks of any size."""
    rng = random.Random(seed)
    sent, plain, data = [], [], b""
    for number in range(1, 60):
        payload = rng.randbytes(rng.choice((0, 1, 100, 200, 8000)))
        match rng.randrange(5):
            case 0:
                plain.append(payload)
                data += publish(b"s", payload, 0, first=0x30)
            case 1:
                data += packet(0xD0, b"")  # PINGRESP
            case 2:
                size = PACKET_MAX + rng.choice((1, 100_000))
                sent.append(Taken(b"t", b"", number, size))
                data += publish(b"t", bytes(size), number)
            case _:
                sent.append(Taken(b"t", payload, number))
                data += publish(*sent[-1][:3], first=rng.choice((0x32, 0x3A, 0x33)))
    at = 0
    while at < len(data):
        size = rng.choice((1, 2, 3, 50, 5000, 5000))
        assert peer.hears(data[at : at + size]) == MQTTErrorCode.MQTT_ERR_SUCCESS
        at += size
    assert peer.all == sent and peer.plain == plain


def feed(peer: Peer, head: bytes, size: int) -> int:
    """head and then so many bytes; the most that was held at a time."""
    most, block = 0, bytes(CHUNK)
    peer.broker.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * CHUNK)
    for part in [head[:CHUNK], head[CHUNK:], *[block] * (size // CHUNK), bytes(size % CHUNK)]:
        if part:
            assert peer.hears(part) == MQTTErrorCode.MQTT_ERR_SUCCESS
            most = max(most, len(peer.client._held))
    return most


@pytest.mark.parametrize("topic", [b"t", b"t" * 0xFFFF])
@pytest.mark.parametrize("number", [0, 7])
def test_a_message_larger_than_any_of_ours_is_counted_in_its_place_and_not_kept(
    peer: Peer, topic: bytes, number: int
) -> None:
    """It used to be held whole, and copied for each read of 64 KB: half a minute for this one."""
    size = 100_000_000
    small = Taken(b"t", b"small", 6)
    own = number.to_bytes(2, "big") if number else b""
    head = len(topic).to_bytes(2, "big") + topic + own
    begun = bytes([0x32 if number else 0x30]) + length(len(head) + size) + head
    begun_s = time.process_time()
    peer.hears(publish(*small[:3]))
    most = feed(peer, begun, size)
    peer.hears(publish(*small[:3]))
    assert peer.all == [small, Taken(topic, b"", number, size), small]
    assert most < 3 * CHUNK and time.process_time() - begun_s < 5


@pytest.mark.parametrize("first", [0x34, 0x36, 0x90, 0x20])
def test_another_packet_that_large_ends_the_connection(peer: Peer, first: int) -> None:
    assert peer.hears(bytes([first]) + length(PACKET_MAX + 1)) == MQTTErrorCode.MQTT_ERR_PROTOCOL
    assert peer.client.socket() is None


def test_a_large_message_whose_topic_is_longer_than_it_ends_the_connection(peer: Peer) -> None:
    body = b"\xff\xff" + bytes(PACKET_MAX)
    assert peer.hears(packet(0x32, body)) == MQTTErrorCode.MQTT_ERR_PROTOCOL


def test_what_was_left_of_a_large_message_is_not_awaited_on_the_next_connection(peer: Peer) -> None:
    peer.hears(publish(b"t", bytes(100_000), 1)[:80_000])
    peer.broker.close()
    while peer.client.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS:
        pass
    peer.broker, own = socket.socketpair()
    own.setblocking(False)
    peer.client._sock = own
    message = Taken(b"t", b"new", 1)
    peer.hears(publish(*message[:3]))
    assert peer.all == [message]


def test_of_mqtt_5_the_properties_are_passed_over() -> None:
    peer = Peer(MQTTProtocolVersion.MQTTv5)
    expiry = length(5) + b"\x02\x00\x00\x00\x09"
    peer.hears(publish(b"t", b"payload", 9, properties=expiry) + publish(b"t", b"", 10, properties=length(0)))
    assert peer.all == [Taken(b"t", b"payload", 9), Taken(b"t", b"", 10)]
    peer.close()


@pytest.mark.parametrize("body", [b"", b"\x00", b"\x00\x09abc", b"\xff\xfft\x00\x01"])
def test_a_publish_that_does_not_hold_its_topic_ends_the_connection(peer: Peer, body: bytes) -> None:
    good = Taken(b"t", b"before", 1)
    assert peer.hears(publish(*good[:3]) + packet(0x32, body)) == MQTTErrorCode.MQTT_ERR_PROTOCOL
    assert peer.all == [good] and peer.client.socket() is None


@pytest.mark.parametrize("first", [0x30, 0x32, 0x3A, 0xD0])
def test_a_length_of_five_bytes_ends_the_connection(peer: Peer, first: int) -> None:
    data = bytes([first]) + b"\xff\xff\xff\xff\x01"
    assert peer.hears(data) == MQTTErrorCode.MQTT_ERR_PROTOCOL
    assert peer.client.socket() is None and peer.all == []


def test_a_broker_that_hangs_up_is_noticed_and_its_half_packet_forgotten(peer: Peer) -> None:
    peer.hears(publish(b"t", b"half", 1)[:5])
    peer.broker.close()
    assert peer.client.loop_read() == MQTTErrorCode.MQTT_ERR_CONN_LOST
    peer.broker, own = socket.socketpair()
    own.setblocking(False)
    peer.client._sock = own
    message = Taken(b"t", b"new", 1)
    peer.hears(publish(*message[:3]))
    assert peer.all == [message]


def test_acknowledgements_leave_in_one_write(peer: Peer) -> None:
    peer.client.acknowledge([(0, 1), (0, 0), (0, 0xFFFF), (1, 4), (0, 258)])
    peer.client.loop_write()
    assert peer.broker.recv(100) == b"\x40\x02\x00\x01\x40\x02\xff\xff\x40\x02\x01\x02"
    peer.client.acknowledge([])
    assert not peer.client.want_write()


def test_an_acknowledgement_does_not_leave_on_the_next_connection(peer: Peer) -> None:
    """Another thread acknowledges while the client connects again: it looked just before."""
    client, forgotten, again = peer.client, threading.Event(), threading.Thread(target=peer_reconnects(peer))
    client.on_pre_connect = lambda *_: forgotten.set()

    def marks() -> Iterator[tuple[int, int]]:
        yield client.connection, 5
        again.start()
        assert not forgotten.wait(0.2)

    with client._in_callback_mutex:  # as in paho's own thread: what is queued waits to be written
        client.acknowledge(marks())
    again.join()
    assert forgotten.is_set() and not [packet for packet in client._out_packet if packet["command"] == 0x40]


def peer_reconnects(peer: Peer) -> Callable[[], object]:
    """The client is connected anew to a listener that accepts nothing."""
    listener = socket.create_server(("127.0.0.1", 0))
    peer.client._host, peer.client._port = listener.getsockname()

    def reconnect() -> None:
        with listener:
            peer.client.reconnect()

    return reconnect


packets = st.builds(packet, st.integers(0, 255), st.binary(max_size=40))
streams = st.lists(st.one_of(packets, st.binary(max_size=20)), max_size=8).map(b"".join)


@settings(max_examples=400, deadline=None)
@given(
    streams, st.integers(1, 30), st.sampled_from([MQTTProtocolVersion.MQTTv311, MQTTProtocolVersion.MQTTv5])
)
def test_no_bytes_of_a_broker_do_more_than_end_the_connection(
    data: bytes, size: int, version: MQTTProtocolVersion
) -> None:
    peer = Peer(version)
    for at in range(0, len(data), size):
        if peer.client.socket() is None:
            break
        assert isinstance(peer.hears(data[at : at + size]), MQTTErrorCode)
    peer.close()


def test_lengths_and_bounds() -> None:
    for n in (0, 1, 127, 128, 16_383, 16_384, 2_097_151, 268_435_455):
        assert length_at(b"x" + length(n), 1) == (n, 1 + len(length(n)))
    assert length_at(b"\x80\x80", 0) is None
    with pytest.raises(Malformed):
        length_at(b"\xff\xff\xff\xff\x01", 0)
    assert body_of(b"\x32\x03abcd", 0) == body_of(b"\x32\x03", 0) == (2, 5)
    assert body_of(b"\x32\x80", 0) is None and body_of(b"\x32", 0) is None
