"""Promises about passes and charges: each row that breaks one is named."""

import pytest

from host.ledger.verify import promises as p
from host.terminals.relay.session import Session
from host.terminals.sales.entries import Entries
from host.terminals.sales.payments import Request
from protocol.wire import messages, online
from tests.host.ledger.verify.hand import Step, tamper
from tests.host.looks import faults
from tests.host.rig import NOW_S, Shop
from tests.host.terminals.sales.payments import UID, plain_card
from tests.host.terminals.sales.test_entries import grant
from tests.host.terminals.sales.test_till import create, sale


def busy(shop: Shop) -> None:
    """Entries 1.1, 1.2 (reversed) and 1.3 (refused), and a charge that 1.4 paid."""
    plain_card(shop, 100)
    grant(shop, UID, 2, again=0)
    side = shop.connected()
    kiosk = shop.kiosks.find("K1")
    assert kiosk is not None
    entries = Entries(shop.opened.database, {"plain": lambda _card, _connection: None})
    said = {"uid": UID, "request": bytes(8), "wants": online.ENTER, "card": online.PLAIN}
    for kind in (online.TAKEN, online.REVERSAL, None):
        number = side.next_number()
        session = Session(kiosk, side.nonce, 1, said, lambda _down: None)
        entries.decide(Request(kiosk, *number, online.PLAIN, UID, 1), session)
        if kind is not None:
            shop.tell(side, side.message(number, kind, uid=UID, amount_fen=1, happened_s=NOW_S))
    shop.tell(side, sale(shop, side, create(shop)))
    assert faults(shop) == {}


CASES: list[tuple[str, Step, str]] = [
    (p.ENTRIES, "UPDATE entries SET transaction_id = NULL WHERE counter = 1", "which nobody decided"),
    (p.ENTRIES, "UPDATE entries SET transaction_id = 1 WHERE counter = 1", "entry K1 1.1 is not the visit"),
    (
        p.ENTRIES,
        "UPDATE transactions SET kind = 'fee' WHERE kind = 'entry-back'",
        "entry K1 1.2 was reversed",
    ),
    (p.CHARGES, "UPDATE till_orders SET amount_fen = 7", "charge 1 of 7 is not what"),
    (p.CHARGES, "UPDATE till_reports SET code = 4", "charge 1 is told by K1 1.4"),
    (p.CHARGES, f"UPDATE till_reports SET kind = {messages.UNSETTLED}", "charge 1 is told by K1 1.4"),
    (p.CHARGES, "UPDATE till_reports SET transaction_id = NULL", "charge 1 is told by K1 1.4"),
]


@pytest.mark.parametrize("promise, step, row", CASES, ids=[str(case[1]) for case in CASES])
def test_a_row_that_breaks_a_promise_is_named(shop: Shop, promise: str, step: Step, row: str) -> None:
    busy(shop)
    tamper(shop, step)
    assert row in faults(shop).get(promise, "")


def test_each_promise_of_ours_is_broken_above() -> None:
    assert {case[0] for case in CASES} == {p.ENTRIES, p.CHARGES}
