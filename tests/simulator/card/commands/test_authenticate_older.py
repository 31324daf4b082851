from random import Random

import pytest

from simulator.card.messaging.d40 import D40Session
from simulator.card.messaging.ev1 import Ev1Session
from tests.simulator.card.reader_side import D40Reader, Ev1Reader, Reader
from tests.simulator.card.rich import AID, VALUE, WAYS, key, reader_of, rich_card
from tests.simulator.card.terminal import blank_card

D40, ISO, AES, EV2 = 0x0A, 0x1A, 0xAA, 0x71


@pytest.mark.parametrize(
    ("way", "proves"),
    [("D40", {D40: 8, ISO: 8}), ("EV1-3K3DES", {ISO: 16}), ("EV1-AES", {AES: 16, EV2: 16})],
)
def test_a_key_s_kind_says_how_it_can_be_proved(way: str, proves: dict[int, int]) -> None:
    """Which command begins, with a challenge of how many bytes."""
    for cmd in (D40, ISO, AES, EV2):
        reader = Reader(rich_card(way).exchange)
        status, challenge = reader.frame(cmd, b"\x00\x00" if cmd == EV2 else b"\x00")
        assert (status, len(challenge)) == ((0xAF, proves[cmd]) if cmd in proves else (0xAE, 0))


def test_a_blank_card_opens_with_zeros_both_ways() -> None:
    card = blank_card()
    for side, session in ((D40Reader, D40Session), (Ev1Reader, Ev1Session)):
        reader = side(card.exchange)
        reader.authenticate(0, "2K3DES", bytes(16))
        assert isinstance(card.chip.session, session)
        assert reader.ask(0x64, b"\x00", size=1) == b"\x00"
        assert reader.ask(0x45, size=2) == b"\x0f\x01"


@pytest.mark.parametrize("way", ["D40", "EV1-2K3DES", "EV1-3K3DES", "EV1-AES"])
def test_each_key_of_an_application(way: str) -> None:
    card = rich_card(way)
    kind, side = WAYS[way]
    reader = side(card.exchange)
    assert reader.frame(0x5A, AID) == (0, b"")
    for number in range(3):
        reader.authenticate(number, kind, key(kind, number).value)
        assert card.chip.session is not None and card.chip.session.key_no == number


@pytest.mark.parametrize("way", ["D40", "EV1-2K3DES", "EV1-3K3DES", "EV1-AES"])
@pytest.mark.parametrize("wrong", ["key", "length", "number", "request"])
def test_a_failed_authentication_leaves_nobody_authenticated(way: str, wrong: str) -> None:
    card = rich_card(way)
    reader = reader_of(card, way, "application")
    cmd = {"D40": D40, "EV1-AES": AES}.get(way, ISO)
    if wrong == "request":
        assert reader.frame(cmd) == (0x7E, b"")
        assert reader.frame(cmd, b"\x00\x00") == (0x7E, b"")
        return
    if wrong == "number":
        assert reader.frame(cmd, b"\x03") == (0x40, b"")
    else:
        _, challenge = reader.frame(cmd, b"\x00")
        size = 2 * len(challenge)
        answer = reader.frame(0xAF, Random(1).randbytes(size if wrong == "key" else size - 1))
        assert answer == (0xAE if wrong == "key" else 0x7E, b"")
    assert card.chip.session is None
    assert reader.frame(0xAF, bytes(16)) == (0x1C, b"")


@pytest.mark.parametrize("way", ["D40", "EV1-AES"])
def test_a_transaction_goes_on_under_the_next_key(way: str) -> None:
    card = rich_card(way)
    kind, _ = WAYS[way]
    reader = reader_of(card, way, "application")
    reader.ask(0xDC, bytes([VALUE]), b"\x03\x00\x00\x00", "full")
    reader.authenticate(1, kind, key(kind, 1).value)
    reader.ask(0xC7)
    assert card.value_fen(AID, VALUE) == 7
    reader.authenticate(0, kind, key(kind, 0).value)
    reader.ask(0xDC, bytes([VALUE]), b"\x03\x00\x00\x00", "full")
    assert reader.frame({"D40": D40}.get(way, AES), b"\x09") == (0x40, b"")  # refused, so it is void
    reader.authenticate(0, kind, key(kind, 0).value)
    assert reader.whole(0xC7, reader.body(0xC7, b"")) == (0x0C, b"")


def test_d40_messaging_survives_a_refusal_and_the_others_do_not() -> None:
    for way, survives in (("D40", True), ("EV1-AES", False), ("EV2", False)):
        card = rich_card(way)
        reader = reader_of(card, way, "application")
        assert reader.frame(0xF5, b"\x1f")[0] == 0xF0
        assert (card.chip.session is not None) == survives


def test_an_ev1_session_has_no_second_ev2_authentication() -> None:
    card = rich_card("EV1-AES")
    reader = reader_of(card, "EV1-AES", "application")
    assert reader.frame(0x77, b"\x00") == (0x9D, b"")
