"""What counts as the host's word: two streams of numbers, each rising by itself, and nothing across them."""

from typing import Any

import pytest

from protocol.wire import envelope, messages, online
from protocol.wire.ear import Ear
from protocol.wire.mac import kiosk_keys

SECRET = b"s" * 32
DOWN = kiosk_keys(SECRET)[1]
NONCE = b"12345678"


def step(session: int, number: int, sequence: tuple[int, int] | None = None, nonce: bytes = NONCE) -> bytes:
    values = {"nonce": nonce, "request": bytes(8), "session": session, "step": number, "apdus": [b"\x90\x60"]}
    return sealed(sequence or online.number(session, number), online.RELAY, values)


def sealed(sequence: tuple[int, int], kind: int, values: dict[str, Any]) -> bytes:
    return envelope.seal(DOWN, messages.DOWN, "K1", sequence, kind, messages.body(kind, **values))


def welcome(sequence: tuple[int, int], nonce: bytes = NONCE) -> bytes:
    values = {"nonce": nonce, "epoch": 1, "now_s": 1, "hotlist": 0, "allowed": 0}
    return sealed(sequence, messages.WELCOME, values)


def heard(ear: Ear, *told: bytes) -> list[bool]:
    """Which of these messages count."""
    return [ear.hear(message) is not None for message in told]


def test_steps_rise_and_none_counts_twice() -> None:
    ear = Ear("K1", SECRET, NONCE)
    first, second, later = step(1, 1), step(1, 2), step(2, 1)
    assert heard(ear, first, second, second, first, later, second) == [True, True, False, False, True, False]
    told = ear.hear(step(2, 2))
    assert told is not None
    kind, values, _ = told
    assert (kind, values["session"], values["step"]) == (online.RELAY, 2, 2)


def test_the_two_streams_do_not_hold_each_other_up() -> None:
    ear = Ear("K1", SECRET, NONCE)
    assert heard(ear, step(3, 1), welcome((0, 5)), step(3, 2), welcome((0, 6))) == [True] * 4


def test_a_message_in_the_other_stream_or_of_another_nonce_is_none() -> None:
    ear = Ear("K1", SECRET, NONCE)
    bad = [step(1, 1, (0, 9)), welcome((online.STREAM, 9)), step(1, 1, (2, 9)), step(1, 1, None, b"87654321")]
    assert heard(ear, *bad) == [False] * 4
    assert heard(ear, step(1, 1), welcome((0, 1))) == [True, True], "and they moved nothing"


def test_numbers_of_the_host_that_went_back_are_met_with_a_fresh_nonce() -> None:
    """It was restored from a copy: under the old nonce none of its words would count for a long time."""
    ear, fresh = Ear("K1", SECRET, NONCE), b"87654321"
    assert heard(ear, welcome((0, 40))) == [True] and ear.hello(fresh) == NONCE
    assert heard(ear, welcome((0, 7))) == [False] and ear.hello(fresh) == fresh
    assert heard(ear, welcome((0, 41)), welcome((0, 8), fresh)) == [False, True]
    assert ear.hello(NONCE) == fresh


def test_what_is_old_for_another_reason_changes_no_nonce() -> None:
    ear = Ear("K1", SECRET, NONCE)
    assert heard(ear, welcome((0, 40)), welcome((0, 41), b"87654321"), step(1, 1), step(1, 1)) == [
        *(True, False, True, False)
    ]
    assert ear.hello(b"another.") == NONCE
    assert heard(ear, welcome((0, 40)), welcome((0, 41))) == [False, True]  # sent twice by the broker
    assert ear.hello(b"another.") == NONCE


@pytest.mark.parametrize("fresh", [False, True])
def test_either_stream_begins_with_1(fresh: bool) -> None:
    ear, nonce = Ear("K1", SECRET, NONCE), NONCE
    if fresh:
        assert heard(ear, welcome((0, 9)), step(4, 1), welcome((0, 9))) == [True, True, False]
        nonce = ear.hello(b"87654321")
    assert heard(ear, welcome((0, 0), nonce), step(1, 1, (online.STREAM, 0), nonce)) == [False, False]
    assert heard(ear, welcome((0, 1), nonce), step(1, 1, (online.STREAM, 1), nonce)) == [True, True]


def test_a_nonce_is_changed_once_for_one_host_that_went_back() -> None:
    ear = Ear("K1", SECRET, NONCE)
    assert ear.hello(b"too soon") == NONCE, "the host has said nothing yet"
    assert heard(ear, welcome((0, 40)), welcome((0, 7))) == [True, False]
    assert ear.hello(b"87654321") == b"87654321"
    assert ear.hello(b"too soon") == b"87654321", "and has not answered that one"


def test_why_a_message_does_not_count_is_said() -> None:
    ear, good = Ear("K1", SECRET, NONCE), welcome((0, 1))
    assert ear.why == ""
    for message, said in (
        (good[:-1] + bytes([good[-1] ^ 1]), "MAC is wrong: not from this kiosk's partner, or damaged"),
        (b"", "message of 0 bytes, at most 8192"),
        (welcome((0, 1), b"87654321"), "it is old"),
        (welcome((0, 0)), "it is old"),
        (welcome((online.STREAM, 1)), "it is old"),
    ):
        assert ear.hear(message) is None and ear.why == said
    assert ear.hear(good) is not None and ear.hear(good) is None and ear.why == "it is old"
