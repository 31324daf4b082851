"""The terminal's side as product code has it, against the card: two implementations that share no line."""

from collections.abc import Iterator
from random import Random

from protocol.card import apdu, ev2, layout, purse
from simulator.card import DesfireCard
from tests.simulator.card.terminal import KEYS, purse_card

RND_A = Random(3).randbytes(16)


def run(card: DesfireCard, procedure: Iterator[bytes]) -> object:
    return apdu.run(procedure, card.exchange)


def test_keys_change_in_both_forms() -> None:
    card = purse_card()
    new = bytes(range(16))
    session = run(card, purse.authenticate(0, KEYS[0], RND_A))
    assert isinstance(session, ev2.Session)
    data = ev2.change_key_data(new, 2, KEYS[2])
    run(card, session.exchange(0xC4, b"\x02", data, layout.COMM_FULL, layout.COMM_MAC))
    body = session.command(0xC4, b"\x00", ev2.change_key_data(new, 2, None), layout.COMM_FULL)
    run(card, apdu.exchange(0xC4, body))
    for key_no in (0, 2):
        run(card, purse.authenticate(key_no, new, RND_A))
