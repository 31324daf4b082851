from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.card.iso14443 import ATS, IsoDep
from simulator.reader.isodep import BadBlock, CardLost, Initiator


def echo_card() -> IsoDep:
    return IsoDep(lambda apdu: b"<" + apdu + b">", lambda: None)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=300), min_size=1, max_size=5))
def test_messages_of_any_length_come_through(messages: list[bytes]) -> None:
    reader = Initiator(echo_card().frame)
    assert reader.activate() == ATS
    for message in messages:
        assert reader.exchange(message) == b"<" + message + b">"


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=200), st.integers(2, 9), st.booleans())
def test_one_lost_frame_runs_no_command_twice(message: bytes, lost: int, towards_card: bool) -> None:
    ran: list[bytes] = []
    count = 0

    def run(apdu: bytes) -> bytes:
        ran.append(apdu)
        return apdu

    card = IsoDep(run, lambda: None)

    def air(frame: bytes) -> bytes | None:
        nonlocal count
        count += 1
        if count == lost and towards_card:
            return None
        answer = card.frame(frame)
        return None if count == lost else answer

    reader = Initiator(air)
    reader.activate()
    assert reader.exchange(message) == message
    assert ran == [message]


def test_parts_of_a_longer_command() -> None:
    reader = Initiator(echo_card().frame)
    reader.activate()
    reader.send(bytes(100))
    assert reader.exchange(b"end") == b"<" + bytes(100) + b"end>"


def test_a_card_that_is_gone() -> None:
    with pytest.raises(CardLost):
        Initiator(lambda frame: None).activate()
    with pytest.raises(CardLost):
        Initiator(lambda frame: None).exchange(b"\x60")


@pytest.mark.parametrize("ats", [b"", b"\x02", b"\x05\x75"])
def test_a_bad_answer_to_rats(ats: bytes) -> None:
    with pytest.raises(BadBlock):
        Initiator(lambda frame: ats).activate()


@pytest.mark.parametrize("answer", [b"", b"\x03wrong number", b"\xa2", b"\xc2", b"\xf2\x01"])
def test_a_bad_block(answer: bytes) -> None:
    transceive: Callable[[bytes], bytes] = lambda frame: answer  # noqa: E731 - shorter than a def
    with pytest.raises(BadBlock):
        Initiator(transceive).exchange(b"\x60")


def test_a_chain_that_is_not_acknowledged() -> None:
    with pytest.raises(BadBlock):
        Initiator(lambda frame: b"\x02data").exchange(bytes(100))
