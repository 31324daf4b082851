"""A copy says what was heard, and nothing that would take a key."""

import pytest

from simulator.card import CopiedCard, card_from_state

UID = bytes.fromhex("04112233445566")
HEARD = [(b"\x90\x60\x00", b"one"), (b"\x90\x60\x00", b"two"), (b"\x00\xb0\x00\x05", b"other")]


@pytest.fixture
def card() -> CopiedCard:
    made = CopiedCard(UID, b"\x05\x77\x77\x80\x02", HEARD)
    made.enter_field()
    return made


def test_answers_come_in_the_order_in_which_they_were_heard(card: CopiedCard) -> None:
    assert [card.exchange(b"\x90\x60\x00") for _ in range(3)] == [b"one", b"two", b"two"]


def test_an_unknown_command_gets_what_was_said_to_one_like_it(card: CopiedCard) -> None:
    assert card.exchange(b"\x00\xb0\x00\x09") == b"other"
    assert card.exchange(b"\x90\x71\x00") == b"\x91\x1c"
    assert card.exchange(b"\x00\xa4\x00") == b"\x6d\x00"
    assert card.exchange(b"") == b"\x6d\x00"


def test_it_is_found_like_the_card(card: CopiedCard) -> None:
    assert (card.uid, card.iso_dep, card.rf_frame(b"\xe0\x50")) == (UID, True, b"\x05\x77\x77\x80\x02")
    card.leave_field()
    assert card.rf_frame(b"\xe0\x50") is None
    assert card.exchange(b"\x90\x60\x00") is None


def test_it_can_be_kept(card: CopiedCard) -> None:
    again = card_from_state(card.dump())
    again.enter_field()
    assert again.dump() == card.dump()
    assert again.exchange(b"\x90\x60\x00") == b"one"
    with pytest.raises(ValueError, match="no card"):
        card_from_state({"kind": "copied", "uid": UID.hex(), "ats": "x", "heard": []})
