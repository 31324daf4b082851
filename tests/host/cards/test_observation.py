"""The desk reads a card and settles what kiosks left open or have not told; what they tell later is held."""

from typing import Any

import pytest

from host.cards.observation import Ended, observe
from host.cards.recover import recover
from host.terminals.doubt import settling
from protocol.card import apdu, layout, purse
from protocol.wire import messages
from protocol.wire.messages import BOOKED, HELD
from simulator.card import DesfireCard
from tests.host.looks import balance, end_life, flags, holds, registered, verdicts
from tests.host.rig import NOW_S, DirectConnection, KioskSide, Shop, value_fen
from tests.host.terminals.doubt.test_unproven import left_open, sales, settled

PRICE_FEN = 2500


def look(shop: Shop, card: DesfireCard) -> list[Ended]:
    connection = DirectConnection(card)
    try:
        found = registered(shop, card)
        return observe(shop.opened.database, shop.opened.keeper, connection, found, "operator:desk")
    finally:
        card.leave_field()


def pay(shop: Shop, kiosk: KioskSide, card: DesfireCard, fen: int) -> tuple[tuple[int, int], dict[str, Any]]:
    return kiosk.pay(card, shop.debit_key(card), fen)


def losses(shop: Shop) -> list[Any]:
    sql = (
        "SELECT t.reference, e.amount FROM transactions t JOIN transfers e ON e.transaction_id = t.id"
        " WHERE t.kind = 'loss' ORDER BY t.reference"
    )
    return shop.query(sql)


def begin(shop: Shop, kiosk: KioskSide, card: DesfireCard) -> tuple[tuple[int, int], dict[str, Any]]:
    """A sale that got as far as its intent: the card left before the commit. What it would have been."""
    number = kiosk.next_number()
    connection = DirectConnection(card)
    opened = apdu.run(
        purse.open_purse(card.uid, shop.debit_key(card), bytes(16)), connection.send_and_receive
    )
    record = layout.log_record(1, *number, PRICE_FEN, opened.value_fen - PRICE_FEN, NOW_S)
    apdu.run(purse.debit(opened, PRICE_FEN, record), connection.send_and_receive)
    card.leave_field()
    values = {"uid": card.uid, "issue": 1, "amount_fen": PRICE_FEN, "tmc": opened.tmc + 1}
    return number, values | {"value_fen": opened.value_fen - PRICE_FEN, "happened_s": NOW_S}


@pytest.mark.parametrize("later", [0, 1, 9])
def test_a_sale_that_was_left_open_and_paid(shop: Shop, later: int) -> None:
    """later: so many sales after it, told or not."""
    kiosk, card = shop.connected(), shop.card(10_000)
    number, values = pay(shop, kiosk, card, PRICE_FEN)
    shop.tell(kiosk, left_open(kiosk, number, values))
    unsent = [pay(shop, kiosk, card, 100) for _ in range(later)]
    assert Ended("K1", *number, PRICE_FEN, True) in look(shop, card)
    assert shop.look(settling.outcome, 1, *number) == 1
    for one, told in unsent:
        shop.tell(kiosk, kiosk.message(one, messages.SALE, **told))
    heard = shop.tell(kiosk, settled(kiosk, number, paid=1, **values))
    assert verdicts(heard)[0][1:] == [HELD, value_fen(card)]
    assert balance(shop, card) == value_fen(card) == 7_500 - 100 * later
    assert sales(shop) == {"kiosk:K1": PRICE_FEN + 100 * later}
    assert flags(shop, card) == [] and shop.alarms() == []
    holds(shop)


@pytest.mark.parametrize("later", [0, 3])
def test_a_sale_that_was_left_open_and_not_paid(shop: Shop, later: int) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    number, values = begin(shop, kiosk, card)
    shop.tell(kiosk, left_open(kiosk, number, values))
    for _ in range(later):
        shop.tell(kiosk, shop.sale(kiosk, card, 100))
    assert look(shop, card) == [Ended("K1", *number, PRICE_FEN, False)]
    assert shop.look(settling.outcome, 1, *number) == 0
    assert balance(shop, card) == value_fen(card)
    assert look(shop, card) == [], "it is decided"
    holds(shop)


def test_a_log_that_does_not_reach_back_decides_nothing(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    number, values = pay(shop, kiosk, card, PRICE_FEN)
    unsent = [pay(shop, kiosk, card, 10) for _ in range(11)]
    shop.tell(kiosk, left_open(kiosk, number, values))
    for one, told in unsent[1:]:
        shop.tell(kiosk, kiosk.message(one, messages.SALE, **told))
    assert look(shop, card) == []
    assert shop.look(settling.outcome, 1, *number) is None
    assert balance(shop, card) == 10_000 - 10 * 10


def test_a_sale_that_no_kiosk_told_is_booked_by_its_transaction_mac(shop: Shop) -> None:
    """The kiosk burned, or has not been online since."""
    kiosk, card = shop.connected(), shop.card(10_000)
    number, values = pay(shop, kiosk, card, PRICE_FEN)
    assert look(shop, card) == [Ended("K1", *number, PRICE_FEN, True)]
    assert balance(shop, card) == value_fen(card) == 7_500
    heard = shop.tell(kiosk, kiosk.message(number, messages.SALE, **values))
    assert verdicts(heard) == [[1, HELD, 7_500]]
    assert sales(shop) == {"kiosk:K1": PRICE_FEN} and shop.alarms() == []
    holds(shop)


def test_a_gap_is_filled_by_the_log(shop: Shop) -> None:
    one, two, card = shop.connected("K1"), shop.connected("K2"), shop.card(10_000)
    number, values = pay(shop, one, card, PRICE_FEN)
    shop.tell(two, shop.sale(two, card, 100))
    assert flags(shop, card) == ["gap"]
    assert look(shop, card) == [Ended("K1", *number, PRICE_FEN, True)]
    assert flags(shop, card) == [] and balance(shop, card) == value_fen(card) == 7_400
    heard = shop.tell(one, one.message(number, messages.SALE, **values))
    assert verdicts(heard) == [[1, HELD, 7_400]] and shop.alarms() == []
    holds(shop)


def test_each_sale_that_comes_to_light_of_a_card_that_was_paid_out_is_a_loss(shop: Shop) -> None:
    """One told by its kiosk, the one before it by the log alone."""
    one, two, card = shop.connected("K1"), shop.connected("K2"), shop.card(10_000)
    number, _values = pay(shop, one, card, PRICE_FEN)
    told = shop.sale(two, card, 100)
    end_life(shop, card, "returned")
    shop.tell(two, told)
    assert look(shop, card) == [Ended("K1", *number, PRICE_FEN, True)]
    name = card.uid.hex().upper()
    assert losses(shop) == [(f"{name}.1.2", PRICE_FEN), (f"{name}.1.3", 100)]
    assert balance(shop, card) == 0
    holds(shop)


def test_a_sale_that_was_put_at_another_kiosk_by_its_value_goes_to_the_one_in_the_log(shop: Shop) -> None:
    one, two, card = shop.connected("K1"), shop.connected("K2"), shop.card(10_000)
    number, values = pay(shop, one, card, PRICE_FEN)
    claim = two.next_number()
    shop.tell(two, left_open(two, claim, values))
    shop.tell(two, shop.sale(two, card, 100))
    assert sales(shop) == {"kiosk:K2": PRICE_FEN + 100}
    shop.tell(one, left_open(one, number, values))
    assert look(shop, card) == [Ended("K1", *number, PRICE_FEN, True)]
    assert sales(shop) == {"kiosk:K1": PRICE_FEN, "kiosk:K2": 100}
    holds(shop)


def test_a_record_that_is_otherwise_than_it_was_told_is_alarmed_and_books_nothing(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    number, values = pay(shop, kiosk, card, PRICE_FEN)
    later = pay(shop, kiosk, card, 100)
    told = values | {"amount_fen": 2400, "value_fen": 7_600}
    shop.tell(kiosk, left_open(kiosk, number, told), kiosk.message(later[0], messages.SALE, **later[1]))
    look(shop, card)
    assert "log-contradiction" in shop.alarms()
    assert shop.look(settling.outcome, 1, *number) is None


def test_a_card_without_anything_open_is_left_alone(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    heard = shop.tell(kiosk, shop.sale(kiosk, card, 100))
    assert verdicts(heard) == [[1, BOOKED, 9_900]]
    empty = shop.card(0)
    before = shop.query("SELECT count(*) FROM transactions")
    assert look(shop, card) == [] == look(shop, empty)
    assert shop.query("SELECT count(*) FROM transactions") == before


def test_recover_makes_a_card_loadable_that_a_kiosk_is_behind_with(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    number, _values = pay(shop, kiosk, card, PRICE_FEN)
    done = recover(shop.desk(card))
    assert done["did"] == "What was open is settled."
    assert done["settled"] == [
        {"kiosk": "K1", "epoch": 1, "counter": number[1], "amount_fen": PRICE_FEN, "paid": True}
    ]
    shop.desk(card).load(registered(shop, card), 500)
    assert balance(shop, card) == value_fen(card) == 8_000
    holds(shop)
