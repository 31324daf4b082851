"""Promises about open top-ups and online payments: each row that breaks one is named."""

import pytest

from host.ledger import held, purse
from host.ledger.books import book
from host.ledger.loads import plan_load
from host.ledger.purse import CardMove
from host.ledger.verify import promises as p
from protocol.wire import online
from tests.host.ledger.verify.hand import Step, tamper
from tests.host.looks import faults
from tests.host.rig import NOW_S, Shop
from tests.host.terminals.sales.payments import UID, ask, plain_card


def busy(shop: Shop) -> None:
    """An open top-up of a purse, and three payments of a plain card: paid, reversed, refused."""
    card = shop.card(1000)
    with book(shop.opened.database) as books:
        tmc, value_fen = purse.last_move(books.connection, card.uid, 1)
        plan_load(books, CardMove(card.uid, 1, tmc + 1, 500, value_fen + 500), "operator:desk", NOW_S)
    plain_card(shop, 10_000)
    kiosk = shop.connected()
    for amount_fen, kind in ((2500, online.TAKEN), (700, online.REVERSAL), (30_000, online.REVERSAL)):
        number = kiosk.next_number()
        ask(shop, kiosk, number, amount_fen)
        shop.tell(kiosk, kiosk.message(number, kind, uid=UID, amount_fen=amount_fen, happened_s=NOW_S))
    with shop.opened.database.read() as connection:
        assert held.spent_since(connection, UID, 1, 0) == 2500
    assert faults(shop) == {}


CASES: list[tuple[str, Step, str]] = [
    (p.OPEN_LOADS, "DELETE FROM open_loads", "is ended and listed as open, or neither"),
    (p.OPEN_LOADS, "UPDATE open_loads SET issue = 2", "is ended and listed as open, or neither"),
    (
        p.PAYMENTS,
        "UPDATE payments SET amount_fen = 1 WHERE counter = 1",
        "payment K1 1.1 of 1 is not what",
    ),
    (p.PAYMENTS, "UPDATE payments SET transaction_id = 1 WHERE counter = 1", "payment K1 1.1 of 2500 is not"),
    (p.PAYMENTS, "DELETE FROM payments WHERE counter = 1", "books payment K1 1.1, which nobody decided"),
    (
        p.PAYMENTS,
        "UPDATE transactions SET kind = 'fee' WHERE kind = 'reversal'",
        "payment K1 1.2 was reversed",
    ),
]


@pytest.mark.parametrize("promise, step, row", CASES, ids=[case[2] for case in CASES])
def test_a_row_that_breaks_a_promise_is_named(shop: Shop, promise: str, step: Step, row: str) -> None:
    busy(shop)
    tamper(shop, step)
    assert row in faults(shop).get(promise, "")


def test_each_promise_of_ours_is_broken_above() -> None:
    assert {case[0] for case in CASES} == {p.OPEN_LOADS, p.PAYMENTS}
