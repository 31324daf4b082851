"""What nothing proves: two persons book it, or close it."""

from typing import Any

import pytest

from host.terminals.doubt import open_sales, suspects
from host.terminals.sales import till, till_orders
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


def test_a_charge_whose_report_two_persons_book_or_close_reads_so(desk: Desk, shop: Shop) -> None:
    ann, kiosk, known = desk.clerk(), shop.connected(), shop.kiosks.find("K1")
    fin, boss = desk.operator("fin", "finance"), desk.operator("boss", "owner")
    assert known is not None
    for number, (yes, expected) in enumerate(((False, "refused"), (True, "paid")), 1):
        with shop.opened.database.write() as connection:
            order = till.create(connection, known, "desk", f"k{yes}", 400, "", 60)
        card = desk.issued(ann, 1_000)
        sequence, values = kiosk.pay(card, shop.debit_key(card), 400)
        values |= {"tmv": bytes(8), "order": order.id}
        shop.tell(kiosk, kiosk.message(sequence, messages.SALE, **values))
        found = shop.look(till_orders.standing, order)
        assert (found.state, found.reason) == ("refused", "forged")
        asked: dict[str, Any] = {"suspect": number, "yes": yes, "reason": "looked at"}
        waits = desk.do(fin, "settle-suspect", f"s{yes}", **asked)["waits"]
        desk.do(boss, "approve", f"a{yes}", approval=waits["id"], yes=True)
        done = desk.do(fin, "settle-suspect", f"s{yes}", **asked)
        found = shop.look(till_orders.standing, order)
        assert (found.state, found.transaction_id) == (expected, done["transaction"])
    holds(shop)


def left_open(desk: Desk, shop: Shop) -> Any:
    """A card, and a sale of 400 fen that K1 left open."""
    ann = desk.clerk()
    card = desk.issued(ann, 1_000)
    kiosk = shop.connected()
    sequence, values = kiosk.pay(card, shop.debit_key(card), 400)
    told = {name: values[name] for name in ("uid", "issue", "amount_fen", "happened_s")}
    before = told | {"tmc": values["tmc"] - 1, "value_fen": 1_000}
    shop.tell(kiosk, kiosk.message(sequence, messages.UNSETTLED, **before))
    return card


@pytest.mark.parametrize("paid", [True, False])
def test_two_persons_say_how_an_open_sale_ended(desk: Desk, shop: Shop, paid: bool) -> None:
    card = left_open(desk, shop)
    fin, boss = desk.operator("fin", "finance"), desk.operator("boss", "owner")
    (sale,) = shop.look(open_sales.newest, 10)
    asked: dict[str, Any] = {"sale": sale.number, "yes": paid, "reason": "he has the goods"}
    waits = desk.do(fin, "settle-sale", "k", **asked)["waits"]
    assert (waits["kind"], waits["amount_fen"], balance(shop, card)) == ("suspect", 400, 1_000)
    desk.do(boss, "approve", approval=waits["id"], yes=True)
    done = desk.do(fin, "settle-sale", "k", **asked)
    assert (done["paid"], balance(shop, card)) == (paid, 600 if paid else 1_000)
    assert shop.look(open_sales.newest, 10) == []
    assert desk.do(fin, "settle-sale", "other", **asked)["paid"] == paid  # asked anew, done once
    assert desk.refused(fin, "settle-sale", **asked | {"yes": not paid}) == (409, "settled")
    assert balance(shop, card) == (600 if paid else 1_000)
    holds(shop)


@pytest.mark.parametrize("name", ["K1 1.9", "K9 1.1", "nonsense", "K1 1.1 "])
def test_a_sale_that_nobody_left_open_is_told(desk: Desk, shop: Shop, name: str) -> None:
    left_open(desk, shop)
    fin = desk.operator("fin", "finance")
    assert desk.refused(fin, "settle-sale", sale=name, yes=True, reason="x") == (404, "unknown-sale")


def test_what_was_decided_of_a_report_is_shown(desk: Desk, shop: Shop) -> None:
    kept(desk, shop)
    assert [row["booked"] for row in shop.look(suspects.newest, 9, 9)] == [None]
    fin, boss = desk.operator("fin", "finance"), desk.operator("boss", "owner")
    asked: dict[str, Any] = {"suspect": 1, "yes": False, "reason": "a forgery"}
    waits = desk.do(fin, "settle-suspect", "k", **asked)["waits"]
    desk.do(boss, "approve", approval=waits["id"], yes=True)
    desk.do(fin, "settle-suspect", "k", **asked)
    assert [row["booked"] for row in shop.look(suspects.newest, 9, 9)] == [0]


def test_no_two_persons_book_a_counter_that_a_kiosk_invented(desk: Desk, shop: Shop) -> None:
    ann, fin, boss = desk.clerk(), desk.operator("fin", "finance"), desk.operator("boss", "owner")
    card = desk.issued(ann, 1_000)
    kiosk = shop.connected()
    told = {"uid": card.uid, "issue": 1, "amount_fen": 400, "happened_s": 1, "tmc": 10**9, "value_fen": 1_000}
    shop.tell(kiosk, kiosk.message(kiosk.next_number(), messages.UNSETTLED, **told))
    asked: dict[str, Any] = {"sale": "K1 1.1", "yes": True, "reason": "he has the goods"}
    waits = desk.do(fin, "settle-sale", "k", **asked)["waits"]
    desk.do(boss, "approve", approval=waits["id"], yes=True)
    assert desk.refused(fin, "settle-sale", "k", **asked) == (409, "counter")
    assert balance(shop, card) == 1_000
    holds(shop)


def test_what_two_persons_book_of_a_replaced_card_is_the_house_s_loss(desk: Desk, shop: Shop) -> None:
    ann, fin, boss = desk.clerk(), desk.operator("fin", "finance"), desk.operator("boss", "owner")
    old, new = desk.issued(ann, 1_000), desk.issued(ann, 0)
    kiosk = shop.connected()
    sequence, values = kiosk.pay(old, shop.debit_key(old), 400)
    asked: dict[str, Any] = {"uid": old.uid.hex(), "new_uid": new.uid.hex(), "reason": "gone"}
    waits = desk.do(ann, "replace", "k", accept_exposure=True, **asked)["waits"]
    desk.do(boss, "approve", approval=waits["id"], yes=True)
    desk.do(ann, "replace", "k", accept_exposure=True, **asked)
    shop.tell(kiosk, kiosk.message(sequence, messages.SALE, **values | {"tmv": bytes(8)}))
    said: dict[str, Any] = {"suspect": 1, "yes": True, "reason": "he has the goods"}
    waits = desk.do(fin, "settle-suspect", "k", **said)["waits"]
    desk.do(boss, "approve", approval=waits["id"], yes=True)
    desk.do(fin, "settle-suspect", "k", **said)
    assert balance(shop, old) == 0
    assert shop.query("SELECT balance FROM accounts WHERE kind = 'losses'") == [(-400,)]
    holds(shop)
