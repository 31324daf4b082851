"""Reports that were kept apart: two persons book one, or close it."""

from typing import Any

from protocol.wire import messages
from tests.host.desk.counter import Desk
from tests.host.looks import balance, holds
from tests.host.rig import Shop


def kept(desk: Desk, shop: Shop) -> Any:
    """A card, and its sale that its Transaction MAC does not prove."""
    ann = desk.clerk()
    card = desk.issued(ann, 1_000)
    kiosk = shop.connected()
    sequence, values = kiosk.pay(card, shop.debit_key(card), 400)
    shop.tell(kiosk, kiosk.message(sequence, messages.SALE, **values | {"tmv": bytes(8)}))
    assert balance(shop, card) == 1_000
    return card


def test_two_persons_book_a_report_once(desk: Desk, shop: Shop) -> None:
    card = kept(desk, shop)
    fin, boss, lead = (
        desk.operator("fin", "finance"),
        desk.operator("boss", "owner"),
        desk.operator("lea", "lead"),
    )
    asked: dict[str, Any] = {"suspect": 1, "yes": True, "reason": "the card shows it"}
    waits = desk.do(fin, "settle-suspect", "k", **asked)["waits"]
    assert (waits["kind"], waits["amount_fen"]) == ("suspect", 400)
    assert desk.refused(fin, "approve", approval=waits["id"], yes=True) == (403, "own-act")
    assert desk.refused(lead, "approve", approval=waits["id"], yes=True) == (403, "right")
    desk.do(boss, "approve", approval=waits["id"], yes=True)
    done = desk.do(fin, "settle-suspect", "k", **asked)
    assert done["booked"] and balance(shop, card) == 600
    assert desk.do(fin, "settle-suspect", "k", **asked) == done
    assert desk.refused(fin, "settle-suspect", **asked) == (409, "settled")
    holds(shop)


def test_a_report_is_closed_unbooked_and_one_that_is_not_there_is_told(desk: Desk, shop: Shop) -> None:
    card = kept(desk, shop)
    fin, boss = desk.operator("fin", "finance"), desk.operator("boss", "owner")
    asked: dict[str, Any] = {"suspect": 1, "yes": False, "reason": "a forgery"}
    waits = desk.do(fin, "settle-suspect", "k", **asked)["waits"]
    desk.do(boss, "approve", approval=waits["id"], yes=True)
    done = desk.do(fin, "settle-suspect", "k", **asked)
    assert (done["booked"], done["transaction"], balance(shop, card)) == (False, None, 1_000)
    assert desk.refused(fin, "settle-suspect", **asked | {"suspect": 9}) == (404, "unknown-report")
    holds(shop)
