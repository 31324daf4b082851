"""The promises about a desk, broken by hand one after the other: the row is named."""

from typing import Any

import pytest

from host.ledger.verify import promises as p
from protocol.wire import messages
from tests.host.desk.counter import Desk
from tests.host.ledger.verify.hand import tamper
from tests.host.looks import faults, holds
from tests.host.rig import Shop, blank


def worked(shop: Shop) -> None:
    """Two shifts, approvals, a replacement, a payout and a report that two persons booked."""
    desk = Desk(shop)
    ann, lead = desk.clerk(load=500), desk.operator("lea", "lead")
    old = desk.issued(ann, 500)
    waits = desk.do(ann, "top-up", "k", reader="r", amount_fen=600)["waits"]
    desk.do(lead, "approve", approval=waits["id"], yes=True)
    desk.do(ann, "top-up", "k", reader="r", amount_fen=600)
    desk.place(blank(), "n")
    desk.do(ann, "issue", reader="n")
    desk.do(ann, "replace", uid=old.uid.hex(), reader="n", reason="broken")
    desk.do(ann, "refund", reader="n", reason="moves away")
    desk.do(ann, "close-drawer", counted_fen=19_990)
    desk.clerk("bob", 100)
    kiosk, doubted = shop.connected(), shop.card(1_000)
    sequence, values = kiosk.pay(doubted, shop.debit_key(doubted), 400)
    shop.tell(kiosk, kiosk.message(sequence, messages.SALE, **values | {"tmv": bytes(8)}))
    fin, boss = desk.operator("fin", "finance"), desk.operator("boss", "owner")
    asked: dict[str, Any] = {"suspect": 1, "yes": True, "reason": "seen"}
    waits = desk.do(fin, "settle-suspect", "k", **asked)["waits"]
    desk.do(boss, "approve", approval=waits["id"], yes=True)
    desk.do(fin, "settle-suspect", "k", **asked)


CASH = "UPDATE accounts SET balance = 5 WHERE owner = 'shift:{}' AND kind = 'cash'"
CASES = [
    (
        p.DRAWERS,
        CASH.format(1),
        "shift 1, closed",
    ),
    (
        p.DRAWERS,
        CASH.format(2),
        "shift 2, closed",
    ),
    (
        p.DRAWERS,
        "UPDATE drawer_counts SET counted_fen = 20000 WHERE what = 'closed'",
        "of shift 1 found 0 over",
    ),
    (p.DRAWERS, "DELETE FROM drawer_counts WHERE shift = 2", "the drawer of shift 2 was never counted"),
    (p.APPROVED, "UPDATE approval_answers SET answered_by = 'ann'", "asked and answered by ann"),
    (p.APPROVED, "UPDATE approval_answers SET yes = 0", "nobody said yes to approval 1"),
    (p.APPROVED, "DELETE FROM approval_answers", "nobody said yes to approval 1"),
    (p.APPROVED, "UPDATE approvals SET asked_by = 'bob'", "approval 1 of bob is for an act of ann"),
    (p.ENDS, "DELETE FROM card_states WHERE state = 'replaced'", "was replaced, but it is lost"),
    (p.ENDS, "UPDATE card_ends SET released_fen = 5 WHERE what = 'replaced'", "with 5, 1100 was released"),
    (p.ENDS, "UPDATE card_ends SET released_fen = 5 WHERE what = 'refunded'", "with 5, 1100 was paid out"),
    (
        p.APPROVED,
        "UPDATE approvals SET kind = 'refund' WHERE kind = 'suspect'",
        "report 1 was settled by act",
    ),
    (p.APPROVED, "UPDATE suspect_decisions SET transaction_id = NULL", "transaction None is not what"),
    (p.APPROVED, "UPDATE suspect_decisions SET booked = 0", "report 1 was settled, and transaction"),
    (p.ENDS, "UPDATE accounts SET balance = 9 WHERE kind = 'card'", "holds 9, though that card was"),
]


def test_each_promise_is_broken_below() -> None:
    assert {case[0] for case in CASES} == {p.DRAWERS, p.APPROVED, p.ENDS}


@pytest.mark.parametrize("promise, sql, row", CASES)
def test_what_was_tampered_with_is_named(shop: Shop, promise: str, sql: str, row: str) -> None:
    worked(shop)
    holds(shop)
    tamper(shop, sql)
    assert row in faults(shop)[promise]
