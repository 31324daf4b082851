"""The promise about passes that were sold, broken by hand: the row is named."""

import pytest

from host.ledger.verify import promises as p
from tests.host.desk.counter import Desk
from tests.host.ledger.verify.hand import Step, tamper
from tests.host.looks import faults, holds
from tests.host.rig import Shop


def worked(shop: Shop) -> None:
    """Pass 1 of 3 visits was sold and taken back, 2 was sold, 3 cost nothing and was taken back."""
    desk = Desk(shop)
    clerk, uid = desk.clerk(), shop.card(1000).uid.hex()
    for price in ({"amount_fen": 1000}, {"amount_fen": 500}, {}):
        desk.do(clerk, "pass", uid=uid, reason="x", visits=3, **price)
    for number in (1, 3):
        desk.do(clerk, "cancel-pass", uid=uid, **{"pass": number}, reason="x")
    holds(shop)


CASES: list[tuple[Step, str]] = [
    ("UPDATE passes SET price_fen = 0 WHERE id = 2", "pass 2 was sold for 0, 500 was taken"),
    ("UPDATE passes SET price_fen = 900 WHERE id = 3", "pass 3 was sold for 900, 0 was taken"),
    (
        "UPDATE pass_ends SET paid_fen = 999 WHERE pass_id = 1",
        "pass 1 was taken back with 3 visits for 999, 3 visits went for 1000",
    ),
    ("UPDATE pass_ends SET amount = 2 WHERE pass_id = 3", "with 2 visits for 0, 3 visits went for 0"),
    ("UPDATE pass_ends SET pass_id = 2 WHERE pass_id = 1", "with 3 visits for 1000, 0 visits went for 1000"),
    ("UPDATE passes SET amount = 4 WHERE id = 2", "pass 2 is of 4 visits, 3 were given"),
    ("UPDATE passes SET unit = 'minutes' WHERE id = 2", "pass 2 is of 3 minutes, 0 were given"),
    ("DELETE FROM passes WHERE id = 2", "sells the pass of act:"),
    ("DELETE FROM pass_ends WHERE pass_id = 1", "takes back the pass of act:"),
]


@pytest.mark.parametrize("step, row", CASES, ids=[case[1] for case in CASES])
def test_a_row_that_breaks_the_promise_is_named(shop: Shop, step: Step, row: str) -> None:
    worked(shop)
    tamper(shop, step)
    assert row in faults(shop).get(p.PASSES, "")
