from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.card.iso14443 import ATS, IsoDep
from simulator.reader.field import Damaged
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


@pytest.mark.parametrize("answer", [b"", b"\x03wrong number", b"\xa2", b"\xc2", b"\xf2", b"\xf2\x01"])
def test_a_bad_block(answer: bytes) -> None:
    transceive: Callable[[bytes], bytes] = lambda frame: answer  # noqa: E731 - shorter than a def
    with pytest.raises(BadBlock):
        Initiator(transceive).exchange(b"\x60")


@pytest.mark.parametrize("part", [b"", bytes(60)])
def test_a_card_may_not_chain_for_ever(part: bytes) -> None:
    number = 1

    def chain(frame: bytes) -> bytes:
        nonlocal number
        number ^= 1
        return bytes([0x12 | number]) + part

    with pytest.raises(BadBlock):
        Initiator(chain).exchange(b"\x60")


@pytest.mark.parametrize("damaged", [2, 3, 4])
def test_damaged_answers_are_asked_for_again(damaged: int) -> None:
    card, count = echo_card(), 0

    def air(frame: bytes) -> bytes | None:
        nonlocal count
        count += 1
        answer = card.frame(frame)
        if count == damaged:
            raise Damaged
        return answer

    reader = Initiator(air)
    reader.activate()
    assert reader.exchange(bytes(100)) == b"<" + bytes(100) + b">"


def test_more_time_is_granted() -> None:
    card = IsoDep(lambda apdu: apdu, lambda: None, lambda apdu: 500)
    reader = Initiator(card.frame)
    reader.activate()
    assert reader.exchange(b"format") == b"format"


def test_rates_are_set_once() -> None:
    card = echo_card()
    reader = Initiator(card.frame)
    reader.activate()
    reader.set_rates(2, 1)
    assert (card.to_card_kbits, card.from_card_kbits) == (424, 212)
    with pytest.raises(CardLost):
        reader.set_rates(1, 1)
    with pytest.raises(BadBlock):
        Initiator(lambda frame: b"\xd1").set_rates(0, 0)


def test_a_chain_that_is_not_acknowledged() -> None:
    with pytest.raises(BadBlock):
        Initiator(lambda frame: b"\x02data").exchange(bytes(100))
