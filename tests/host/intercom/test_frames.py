import socket
import struct
from collections.abc import Iterator

import pytest

from host.intercom import frames
from host.intercom.frames import FRAME_MAX, BadFrame, Ended

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def framed(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


def test_what_is_sent_is_received_one_frame_after_the_other(pair: Pair) -> None:
    ours, theirs = pair
    sent = [{"call": "汉\ud800"}, {}, {"n": 10**30}]
    for content in sent:
        frames.send(theirs, content)
    assert [frames.receive(ours, 5) for _ in sent] == sent


def test_a_frame_that_comes_byte_by_byte_is_whole(pair: Pair) -> None:
    ours, theirs = pair
    for byte in framed(b'{"call": 1}'):
        theirs.sendall(bytes([byte]))
    assert frames.receive(ours, 5) == {"call": 1}


@pytest.mark.parametrize(
    "content, why",
    [
        (bytes(4), "of 0 bytes"),
        (struct.pack(">I", FRAME_MAX + 1), "at most"),
        (b"GET / HTTP/1.1\r\n\r\n", "at most"),
        (framed(b"{"), "not JSON"),
        (framed(b"\xff\xfe{}"), "not JSON"),
        (framed(b"[" * 100_000), "not JSON"),
        (framed(b"[1]"), "no JSON object"),
        (framed(b"null"), "no JSON object"),
    ],
)
def test_what_is_no_frame_is_told(pair: Pair, content: bytes, why: str) -> None:
    ours, theirs = pair
    theirs.sendall(content)
    with pytest.raises(BadFrame, match=why):
        frames.receive(ours, 5)


@pytest.mark.parametrize("content", [b"", b"\0", b"\0\0\0\x09{"])
def test_an_end_within_a_frame_is_an_end(pair: Pair, content: bytes) -> None:
    ours, theirs = pair
    theirs.sendall(content)
    theirs.close()
    with pytest.raises(Ended):
        frames.receive(ours, 5)


def test_a_frame_that_is_not_finished_is_given_up_and_one_that_does_not_begin_is_late(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "FRAME_S", 0.05)
    ours, theirs = pair
    with pytest.raises(TimeoutError):
        frames.receive(ours, 0.01)
    theirs.sendall(b"\0\0\0\x09{")
    with pytest.raises(BadFrame, match="end"):
        frames.receive(ours, 5)
