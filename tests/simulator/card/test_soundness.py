"""Random APDUs, good and bad, to cards in random states: no exception, and a refusal changes nothing."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.card import DesfireCard
from simulator.card.commands import HANDLERS
from simulator.card.models import EV1
from simulator.card.state import CardState
from tests.simulator.card.reader_side import Reader
from tests.simulator.card.requests import REQUESTS
from tests.simulator.card.rich import AID, COMM_CODES, UID, WAYS, reader_of, rich_card
from tests.simulator.card.soundness import check, hear, refused

LEVELS = ("card", "application")
NATIVE = st.builds(
    lambda cmd, data: bytes([cmd]) + data, st.sampled_from([*HANDLERS, 0xAF, 0xAF]), st.binary(max_size=40)
)
WRAPPED = st.builds(
    lambda cmd, data, le: bytes([0x90, cmd, 0, 0]) + (bytes([len(data)]) + data if data else b"") + le,
    st.sampled_from([*HANDLERS, 0xAF]),
    st.binary(max_size=40),
    st.sampled_from([b"\x00", b"\x00", b"", b"\x01"]),
)
ISO_HEADS = ("A40400", "A4000C", "A4020C", "B00000", "B08103", "D60004")
ISO_NAMES = (b"", b"rich", b"\xe1\x01", b"\xdf\x01", b"\x3f\x00", b"too long a name")
ISO = st.builds(
    lambda head, data, le: b"\x00" + head + bytes([len(data)]) + data + le,
    st.sampled_from([bytes.fromhex(head) for head in ISO_HEADS]),
    st.sampled_from(ISO_NAMES),
    st.sampled_from([b"", b"\x00", b"\x05"]),
)
SPOILS: tuple[Callable[[bytes], bytes], ...] = (
    lambda apdu: apdu[:-1],
    lambda apdu: apdu + b"\x55",
    lambda apdu: apdu[:-1] + bytes([apdu[-1] ^ 1]),
    lambda apdu: apdu[:3] + b"\xff" + apdu[4:],
)
# The number of a request of this level, and what is done to it; a level to log in to; an APDU as it is.
GOOD = st.tuples(st.integers(0, len(REQUESTS)), st.none())
SPOILT = st.tuples(st.integers(0, len(REQUESTS)), st.sampled_from(SPOILS))
STEP = st.one_of(
    *[GOOD] * 4, *[st.sampled_from(LEVELS)] * 2, SPOILT, NATIVE, WRAPPED, ISO, st.binary(max_size=70)
)
STEPS = st.lists(STEP, min_size=2, max_size=20)


def run(card: DesfireCard, way: str, comm: str, steps: list[object]) -> None:
    """A random life; where a login fails, as it changed the keys, it goes on without."""
    level, reader = "card", Reader(card.exchange)
    for step in steps:
        if isinstance(step, str):
            level, reader = step, logged_in(card, way, step) or reader
        elif isinstance(step, bytes):
            hear(card, step)
        else:
            number, spoil = step  # type: ignore[misc]
            fitting = [request for request in REQUESTS if request.level == level and way in request.only]
            request = fitting[number % len(fitting)]
            apdu = bytes([request.cmd]) + request.built(reader, comm)
            hear(card, spoil(apdu) if spoil else apdu)
    check(card)


def logged_in(card: DesfireCard, way: str, level: str) -> Reader | None:
    try:
        return reader_of(card, way, level)
    except AssertionError:
        return None


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(list(WAYS)), st.sampled_from(list(COMM_CODES)), STEPS)
def test_whatever_a_rich_card_hears(way: str, comm: str, steps: list[object]) -> None:
    run(rich_card(way, comm), way, comm if way != "plain" else "plain", [LEVELS[1], *steps])


@settings(max_examples=100, deadline=None)
@given(st.booleans(), STEPS)
def test_whatever_a_blank_card_hears(ev1: bool, steps: list[object]) -> None:
    card = DesfireCard(UID, Random(3), CardState.factory(UID, EV1) if ev1 else None)
    card.enter_field()
    run(card, "plain", "plain", steps)


@pytest.mark.parametrize("apdu", ["", "00", "90", "00A4", "9060", "AF", "00A4040001", "005A112233"])
def test_stumps(apdu: str) -> None:
    card = rich_card("plain")
    assert refused(bytes.fromhex(apdu), hear(card, bytes.fromhex(apdu)))
    assert hear(card, b"\x5a" + AID) == b"\x00"
