"""Orders of tills: told to the kiosk until it speaks of them, and paid by booked reports alone."""

from typing import Any

import pytest

from host import clock
from host.cards import passes, registry
from host.errors import Refused
from host.ledger.books import book
from host.terminals.doubt import settling
from host.terminals.sales import till, till_orders
from host.terminals.sales.till_orders import Order
from protocol.wire import messages, online
from protocol.wire import till as wire
from tests.host.looks import holds
from tests.host.rig import KioskSide, Shop
from tests.host.terminals.relay.terminal import Terminals
from tests.host.terminals.sales.payments import UID, ask, plain_card


def create(shop: Shop, key: str = "k1", amount_fen: int = 1200, lasts_s: int = 60, **more: Any) -> Order:
    kiosk = shop.kiosks.find(more.get("kiosk", "K1"))
    assert kiosk is not None
    with shop.opened.database.write() as connection:
        return till.create(connection, kiosk, "desk", key, amount_fen, more.get("reference", ""), lasts_s)


def cancel(shop: Shop, order: Order) -> None:
    with shop.opened.database.write() as connection:
        till.cancel(connection, order, "desk")


def state(shop: Shop, order: Order) -> tuple[str, str]:
    known = fresh(shop, order)
    found = shop.look(lambda connection: till_orders.standing(connection, known))
    return found.state, found.reason


def fresh(shop: Shop, order: Order) -> Order:
    return shop.look(till_orders.find, "K1", order.id)


def charge(shop: Shop, kiosk: KioskSide) -> dict[str, Any] | None:
    """What a push tells the kiosk of an order."""
    known = shop.kiosks.find("K1")
    assert known is not None
    return kiosk.hear_all(shop.batches.write([], False, [known.number])).get(wire.CHARGE)


def say(shop: Shop, kiosk: KioskSide, order: Order, outcome: int, reason: str = "", **more: Any) -> None:
    values = {"order": order.id, "outcome": outcome, "epoch": 0, "counter": 0, "reason": reason}
    shop.tell(kiosk, kiosk.message((1, 0), wire.CHARGED, **({"nonce": kiosk.nonce} | values | more)))


def sale(shop: Shop, kiosk: KioskSide, order: Order | None, amount_fen: int = 1200) -> bytes:
    card = shop.card(10_000)
    number, values = kiosk.pay(card, shop.debit_key(card), amount_fen)
    return kiosk.message(number, messages.SALE, **values, **({} if order is None else {"order": order.id}))


def test_an_order_is_paid_when_the_sale_that_names_it_is_booked(shop: Shop) -> None:
    kiosk = shop.connected()
    order = create(shop)
    assert state(shop, order) == ("waiting", "")
    told = charge(shop, kiosk)
    assert told is not None and (told["order"], told["amount_fen"], told["cancel"]) == (order.id, 1200, 0)
    say(shop, kiosk, order, wire.CARD)
    assert state(shop, order) == ("card", "") and charge(shop, kiosk) is None, "it has spoken of it"
    say(shop, kiosk, order, wire.ENDED)
    assert state(shop, order) == ("unknown", ""), "its word alone pays nothing"
    shop.tell(kiosk, sale(shop, kiosk, order))
    assert state(shop, order) == ("paid", "")
    shown = shop.look(till_orders.to_json, fresh(shop, order))
    assert shown["sale"] == "K1 1.1" and shown["transaction"] and shop.alarms() == []
    holds(shop)


def test_the_same_key_gives_the_same_order_and_another_content_is_refused(shop: Shop) -> None:
    shop.connected()
    order = create(shop)
    assert create(shop) == order
    with pytest.raises(Refused, match="new one") as refused:
        create(shop, amount_fen=1300)
    assert refused.value.code == "key-used"
    assert shop.query("SELECT count(*) FROM till_orders") == [(1,)]


def test_a_kiosk_serves_one_order_at_a_time(shop: Shop) -> None:
    kiosk = shop.connected()
    order = create(shop)
    with pytest.raises(Refused, match=f"charge {order.id}") as refused:
        create(shop, "k2")
    assert refused.value.code == "charge-open"
    say(shop, kiosk, order, wire.EXPIRED)
    assert create(shop, "k2").id > order.id


@pytest.mark.parametrize(
    ("outcome", "reason", "expected"),
    [
        (wire.REFUSED, "low", ("refused", "low")),
        (wire.CANCELLED, "", ("cancelled", "")),
        (wire.EXPIRED, "", ("expired", "")),
    ],
)
def test_how_it_ended_unpaid_the_kiosk_says_once(
    shop: Shop, outcome: int, reason: str, expected: tuple[str, str]
) -> None:
    kiosk = shop.connected()
    order = create(shop)
    say(shop, kiosk, order, outcome, reason)
    say(shop, kiosk, order, wire.CARD)
    assert state(shop, order) == expected
    assert charge(shop, kiosk) is None, "what has ended is told no more"
    assert wire.CHARGE not in shop.tell(kiosk, kiosk.hello(b"nonce--2"))


def test_a_cancel_is_told_and_decided_by_the_kiosk(shop: Shop) -> None:
    kiosk = shop.connected()
    order = create(shop)
    charge(shop, kiosk)
    say(shop, kiosk, order, wire.CARD)
    cancel(shop, order)
    cancel(shop, order)
    told = charge(shop, kiosk)
    assert told is not None and told["cancel"] == 1
    shop.tell(kiosk, sale(shop, kiosk, order))
    assert state(shop, order) == ("paid", ""), "the tap was first"


def test_it_is_told_again_at_each_hello_until_it_has_ended(shop: Shop) -> None:
    kiosk = shop.connected()
    order = create(shop)
    charge(shop, kiosk)
    say(shop, kiosk, order, wire.WAITING)
    assert shop.tell(kiosk, kiosk.hello(b"nonce--2"))[wire.CHARGE]["order"] == order.id
    say(shop, kiosk, order, wire.CANCELLED, nonce=b"nonce--1")
    assert state(shop, order) == ("waiting", ""), "a word of an earlier session counts for nothing"


def test_a_kiosk_that_is_silent_leaves_it_unknown_and_blocks_no_other(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiosk = shop.connected()
    order = create(shop)
    end_s = order.deadline_s + till_orders.GRACE_S
    monkeypatch.setattr(clock, "now_s", lambda: end_s)
    assert state(shop, order) == ("waiting", "")
    monkeypatch.setattr(clock, "now_s", lambda: end_s + 1)
    assert state(shop, order) == ("unknown", "silent")
    create(shop, "k2")
    shop.tell(kiosk, sale(shop, kiosk, order))
    assert state(shop, order) == ("paid", ""), "it had paid all the same"


def test_a_commit_without_an_answer_is_unknown_until_it_is_settled(shop: Shop) -> None:
    kiosk = shop.connected()
    for paid, expected in ((1, ("paid", "")), (0, ("refused", "unpaid"))):
        order = create(shop, f"k{paid}")
        uid, number = shop.card().uid, kiosk.next_number()
        values = {"uid": uid, "issue": 1, "amount_fen": 1200, "tmc": 2, "value_fen": 10_000}
        values |= {"happened_s": 1, "order": order.id}
        shop.tell(kiosk, kiosk.message(number, messages.UNSETTLED, **values))
        assert state(shop, order) == ("unknown", "again")
        with shop.opened.database.write() as connection:
            settling.settled(connection, 1, *number, paid, proven=True)
        assert state(shop, order) == expected


def test_a_forged_sale_pays_no_order(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card()
    order = create(shop)
    number, values = kiosk.pay(card, shop.debit_key(card), 1200)
    values |= {"tmv": bytes(8), "order": order.id}
    shop.tell(kiosk, kiosk.message(number, messages.SALE, **values))
    assert state(shop, order) == ("refused", "forged")


def test_a_payment_online_pays_it_and_a_reversal_leaves_it_open(shop: Shop) -> None:
    kiosk = shop.connected()
    plain_card(shop, 5000)
    order = create(shop)
    for kind, expected in ((online.REVERSAL, ("waiting", "")), (online.TAKEN, ("paid", ""))):
        number = kiosk.next_number()
        uid = bytes.fromhex("04AABBCCDDEE80")
        assert not ask(shop, kiosk, number, 1200).reason
        values = {"uid": uid, "amount_fen": 1200, "happened_s": 1, "order": order.id}
        shop.tell(kiosk, kiosk.message(number, kind, **values))
        assert state(shop, order) == expected
    assert shop.query("SELECT count(*) FROM transactions WHERE kind = 'payment'") == [(2,)]
    holds(shop)


def test_a_sale_for_another_amount_or_no_order_pays_none_and_is_booked(shop: Shop) -> None:
    kiosk = shop.connected()
    order = create(shop)
    shop.tell(kiosk, sale(shop, kiosk, order, amount_fen=1100))
    assert state(shop, order) == ("waiting", "") and shop.alarms() == ["charge-odd"]
    assert shop.query("SELECT count(*) FROM transactions WHERE kind = 'sale'") == [(1,)]
    holds(shop)


def test_a_second_sale_and_one_after_the_end_are_alarmed_and_booked(shop: Shop) -> None:
    kiosk = shop.connected()
    order = create(shop)
    say(shop, kiosk, order, wire.CANCELLED)
    shop.tell(kiosk, sale(shop, kiosk, order))
    assert state(shop, order) == ("paid", "") and shop.alarms() == ["charge-late"]
    message = sale(shop, kiosk, order)
    shop.tell(kiosk, message)
    shop.tell(kiosk, message)
    assert shop.alarms() == ["charge-late", "charge-twice"]
    assert shop.query("SELECT count(*) FROM till_reports") == [(2,)]
    holds(shop)


def test_a_kiosk_speaks_of_its_own_orders_alone(shop: Shop) -> None:
    shop.connected()
    order = create(shop)
    other = shop.connected("K2")
    say(shop, other, order, wire.REFUSED)
    shop.tell(other, sale(shop, other, order))
    assert state(shop, order) == ("waiting", "")


def test_a_visit_at_a_door_pays_no_charge(shop: Shop, terminals: Terminals) -> None:
    door = terminals.add()
    plain_card(shop, 5000)
    with book(shop.opened.database) as books:
        card = registry.newest(books.connection, UID)
        assert card is not None
        passes.grant(books, card, passes.Terms(3, passes.VISITS, None), "operator:desk", "act:1", "paid")
    order = create(shop, kiosk=door.kiosk.name, amount_fen=1)
    number = door.kiosk.next_number()
    door.ask(UID, online.ENTER, number[1], card=online.PLAIN)
    assert door.decided()["left"] == 2
    values = {"uid": UID, "amount_fen": 1, "happened_s": 1, "order": order.id}
    shop.tell(door.kiosk, door.kiosk.message(number, online.TAKEN, **values))
    assert state(shop, order) == ("waiting", "") and shop.alarms() == ["charge-odd"]


def test_a_kiosk_that_says_for_ever_that_a_charge_was_paid_raises_no_alarm_each_time(shop: Shop) -> None:
    kiosk = shop.connected()
    order = create(shop)
    shop.tell(kiosk, sale(shop, kiosk, order))
    for _ in range(3):
        values = {"uid": UID, "amount_fen": 1200, "happened_s": 1, "order": order.id}
        shop.tell(kiosk, kiosk.message(kiosk.next_number(), online.TAKEN, **values))
    assert shop.alarms() == ["payment-unknown"], "nothing was taken twice"
    assert state(shop, order) == ("paid", "")
