from random import Random

import pytest

from simulator.card import FOREIGN_KINDS, foreign_card
from tests.simulator.card.terminal import AID, Refusal, Terminal


@pytest.mark.parametrize("kind", ["blank", "other-issuer"])
def test_a_foreign_desfire_has_no_application_of_ours(kind: str) -> None:
    card = foreign_card(kind, bytes(7), Random(1))
    card.enter_field()
    with pytest.raises(Refusal) as refusal:
        Terminal(card.exchange).plain(0x5A, AID)
    assert refusal.value.status == 0xA0


def test_the_other_issuers_keys_are_its_own() -> None:
    card = foreign_card("other-issuer", bytes(7), Random(1))
    card.enter_field()
    terminal = Terminal(card.exchange)
    aids = terminal.plain(0x6A)
    assert len(aids) == 3
    terminal.plain(0x5A, aids)
    with pytest.raises(Refusal) as refusal:
        terminal.authenticate(0, bytes(16))
    assert refusal.value.status == 0xAE
    with pytest.raises(Refusal):
        terminal.plain(0xBD, b"\x01" + bytes(6))


def test_a_classic_is_seen_and_says_nothing() -> None:
    card = foreign_card("classic", bytes(4))
    card.enter_field()
    assert (card.sak, card.atqa, card.iso_dep) == (0x08, b"\x00\x04", False)
    assert card.rf_frame(b"\xe0\x80") is None and card.exchange(b"\x60") is None


def test_kinds_have_names() -> None:
    for kind in FOREIGN_KINDS:
        assert foreign_card(kind, bytes(7)).uid == bytes(7)
    with pytest.raises(ValueError, match="use one of blank"):
        foreign_card("felica", bytes(8))


@pytest.mark.parametrize("uid", [b"", bytes(5), bytes(8)])
def test_uids_have_four_seven_or_ten_bytes(uid: bytes) -> None:
    with pytest.raises(ValueError, match="type A card has 4 or 7 or 10 bytes"):
        foreign_card("classic", uid)
