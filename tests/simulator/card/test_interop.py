"""The terminal's side as product code has it, against the card: two implementations that share no line."""

from collections.abc import Iterator
from random import Random

import pytest

from protocol.card import apdu, ev2, layout, purse, tmac
from simulator.card import DesfireCard
from tests.simulator.card.terminal import AID, KEYS, TMAC_KEY, UID, VALUE_FILE, blank_card, purse_card

RND_A = Random(3).randbytes(16)


@pytest.fixture
def card() -> DesfireCard:
    card = purse_card(10_000)
    session = run(card, purse.authenticate(0, KEYS[0], RND_A))
    assert isinstance(session, ev2.Session)
    data = layout.card_data(KEYS[0], UID, 1, "42")
    header = bytes([layout.FILE_DATA]) + (0).to_bytes(3, "little") + len(data).to_bytes(3, "little")
    run(card, session.exchange(0x8D, header, data))
    return card


def run(card: DesfireCard, procedure: Iterator[bytes]) -> object:
    return apdu.run(procedure, card.exchange)


def test_a_sale_and_its_transaction_mac(card: DesfireCard) -> None:
    opened = run(card, purse.open_purse(UID, KEYS[2], RND_A))
    assert isinstance(opened, purse.Purse)
    assert (opened.value_fen, opened.tmc) == (10_000, 1)
    record = layout.log_record(1, 1, 1, 2_500, 7_500, 0)
    run(card, purse.debit(opened, 2_500, record))
    committed = run(card, purse.commit(opened.session))
    tmi = tmac.debit_input(layout.FILE_VALUE, layout.FILE_LOG, 10_000, 2_500, record)
    assert committed == (2, tmac.tmv(TMAC_KEY, UID, 2, tmi))
    assert card.value_fen(AID, VALUE_FILE) == 7_500
    assert run(card, purse.read_log(KEYS[1], RND_A)) == [record]


def test_a_card_with_other_keys_is_not_ours(card: DesfireCard) -> None:
    with pytest.raises(purse.NotOurs):
        run(card, purse.open_purse(UID, KEYS[3], RND_A))
    with pytest.raises(purse.NotOurs):
        run(blank_card(), purse.open_purse(UID, KEYS[2], RND_A))


def test_keys_change_in_both_forms(card: DesfireCard) -> None:
    new = bytes(range(16))
    session = run(card, purse.authenticate(0, KEYS[0], RND_A))
    assert isinstance(session, ev2.Session)
    data = ev2.change_key_data(new, 2, KEYS[2])
    run(card, session.exchange(0xC4, b"\x02", data, layout.COMM_FULL, layout.COMM_MAC))
    body = session.command(0xC4, b"\x00", ev2.change_key_data(new, 2, None), layout.COMM_FULL)
    run(card, apdu.exchange(0xC4, body))
    for key_no in (0, 2):
        run(card, purse.authenticate(key_no, new, RND_A))
