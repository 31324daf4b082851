"""A terminal with several versions finds a card's key: newest first, and asks only who refuses it."""

import pytest

from protocol.card import apdu, ev2, keys, layout, purse
from protocol.card.masters import Masters, version_byte
from protocol.card.purse import NotOurs, Purse
from simulator.card import DesfireCard
from tests.protocol.card.test_purse import RND_A, UID, Reader, loaded
from tests.simulator.card.terminal import KEYS, Terminal, blank_card

MASTERS = {1: b"a" * 16, 2: b"b" * 16, 5: b"c" * 16}
GET_KEY_VERSION, AUTHENTICATE = 0x64, 0x71


def card_of(version: int) -> DesfireCard:
    """A purse card of ours whose debit key has this version."""
    card = loaded()
    card.enter_field()
    terminal = Terminal(card.exchange)
    terminal.open_purse(layout.KEY_MASTER)
    change = ev2.change_key_data(
        keys.card_key(MASTERS[version], UID), version_byte(version), KEYS[layout.KEY_DEBIT]
    )
    terminal.secure(0xC4, bytes([layout.KEY_DEBIT]), change, full=True)
    card.leave_field()
    return card


def open_with(held: dict[int, bytes], reader: Reader) -> Purse:
    masters = Masters(held)
    procedure = masters.open_card(UID, layout.KEY_DEBIT, lambda key: purse.open_purse(UID, key, RND_A))
    return apdu.run(procedure, reader)


def test_a_card_with_the_newest_key_costs_no_apdu_more() -> None:
    reader, plain = Reader(card_of(5)), Reader(card_of(5))
    assert open_with(MASTERS, reader).value_fen == 10_000
    plain.open(keys.card_key(MASTERS[5], UID))
    assert reader.sent == plain.sent


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_card_is_asked_once(version: int) -> None:
    reader = Reader(card_of(version))
    assert open_with(MASTERS, reader).value_fen == 10_000
    assert reader.sent.count(GET_KEY_VERSION) == 1 and reader.sent.count(AUTHENTICATE) == 2


def test_a_version_that_is_not_held_any_more_is_not_ours() -> None:
    reader = Reader(card_of(1))
    with pytest.raises(NotOurs):
        open_with({2: MASTERS[2], 5: MASTERS[5]}, reader)
    assert reader.sent.count(AUTHENTICATE) == 1


def test_with_one_version_nobody_is_asked() -> None:
    reader = Reader(card_of(1))
    with pytest.raises(NotOurs):
        open_with({5: MASTERS[5]}, reader)
    assert GET_KEY_VERSION not in reader.sent


def test_a_card_that_lies_about_its_version_or_is_foreign_is_refused() -> None:
    def lie(command: bytes, answer: bytes) -> bytes:
        return b"\x01\x91\x00" if command[1] == GET_KEY_VERSION else answer

    for card, spoil in ((card_of(2), lie), (blank_card(), None)):
        with pytest.raises(NotOurs):
            open_with(MASTERS, Reader(card, spoil))


@pytest.mark.parametrize("said", [b"\x91\x00", b"\x01\x01\x91\x00", b"\x91\x1c", b"", b"\x00"])
def test_an_answer_that_is_no_version_is_a_refusal(said: bytes) -> None:
    def spoil(command: bytes, answer: bytes) -> bytes:
        return said if command[1] == GET_KEY_VERSION else answer

    with pytest.raises(NotOurs):
        open_with(MASTERS, Reader(card_of(1), spoil))


def test_no_version_looks_like_a_factory_key() -> None:
    assert [version_byte(n) for n in (1, 2, 255, 256, 65535)] == [1, 2, 255, 1, 255]


def test_keys_are_those_of_the_version() -> None:
    masters = Masters(MASTERS)
    assert masters.newest == 5 and masters.card_key(UID, 2) == keys.card_key(MASTERS[2], UID)
    with pytest.raises(KeyError):
        masters.card_key(UID, 3)
    assert Masters({}).newest == 0
