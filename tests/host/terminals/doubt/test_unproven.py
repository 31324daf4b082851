from typing import Any

import pytest

from host.terminals.doubt import settling
from host.terminals.reported import sequences
from protocol.wire import messages
from protocol.wire.messages import BAD_TMV, BOOKED, FLAGGED, HELD
from simulator.card import DesfireCard
from tests.host.looks import MISSING, balance, faults, flags, holds, verdicts
from tests.host.rig import NOW_S, KioskSide, Shop


def unsettled(kiosk: KioskSide, card: DesfireCard) -> tuple[tuple[int, int], bytes]:
    number = kiosk.next_number()
    values = {"uid": card.uid, "issue": 1, "amount_fen": 2500, "tmc": 1, "value_fen": 10_000}
    return number, kiosk.message(number, messages.UNSETTLED, **values, happened_s=NOW_S)


def settled(kiosk: KioskSide, number: tuple[int, int], **values: Any) -> bytes:
    reference = {"ref_epoch": number[0], "ref_counter": number[1]}
    return kiosk.message(kiosk.next_number(), messages.SETTLED, **reference, **values)


def test_a_sale_whose_answer_was_lost_is_booked_when_the_card_proves_it(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    number, values = kiosk.pay(card, shop.debit_key(card), 2500)
    kiosk.counter -= 1
    _, open_sale = unsettled(kiosk, card)
    assert verdicts(shop.tell(kiosk, open_sale)) == [[1, BOOKED, 10_000]]
    assert shop.look(sequences.unsettled, 1) == 1
    heard = shop.tell(kiosk, settled(kiosk, number, paid=1, **values))
    assert verdicts(heard) == [[2, BOOKED, 7500]]
    assert shop.query("SELECT kind FROM transactions WHERE ends IS NULL ORDER BY id") == [
        ("load",),
        ("settlement",),
    ]
    assert shop.query("SELECT counter, paid FROM settlements") == [(1, 1)]
    assert shop.look(sequences.unsettled, 1) == 0
    assert flags(shop, card) == []
    holds(shop)


def test_a_settlement_of_a_sale_that_was_reported_too_is_held(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    number, values = kiosk.pay(card, shop.debit_key(card), 2500)
    shop.tell(kiosk, kiosk.message(number, messages.SALE, **values))
    heard = shop.tell(kiosk, settled(kiosk, number, paid=1, **values))
    assert verdicts(heard) == [[2, HELD, 7500]]
    assert shop.alarms() == []
    holds(shop)


def test_a_sale_that_did_not_happen_books_nothing(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    number, open_sale = unsettled(kiosk, card)
    values = {"uid": card.uid, "issue": 1, "amount_fen": 2500, "tmc": 1, "value_fen": 10_000}
    heard = shop.tell(kiosk, open_sale, settled(kiosk, number, paid=0, **values, happened_s=NOW_S))
    assert verdicts(heard) == [[1, BOOKED, 10_000], [2, BOOKED, 10_000]]
    assert shop.query("SELECT paid FROM settlements") == [(0,)]
    holds(shop)


def test_a_kiosks_word_alone_books_nothing_until_the_card_proves_it(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    number, values = kiosk.pay(card, shop.debit_key(card), 2500)
    shop.tell(kiosk, left_open(kiosk, number, values))
    later = shop.sale(kiosk, card, 100)  # the card's next sale: its value before it is the proof
    del values["tmv"]
    heard = shop.tell(kiosk, settled(kiosk, number, paid=1, **values))
    assert verdicts(heard) == [[3, FLAGGED, 10_000]]
    assert balance(shop, card) == 10_000
    assert shop.alarms() == ["settlement-unproven"]
    assert flags(shop, card) == ["settlement without proof"]
    assert verdicts(shop.tell(kiosk, later)) == [[2, BOOKED, 7400]]
    assert shop.query("SELECT kind FROM transactions WHERE ends IS NULL ORDER BY id") == [
        ("load",),
        ("sale",),
        ("settlement",),
    ]
    holds(shop)


def test_a_settlement_between_moves_that_the_books_know_is_booked_at_once(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    number, values = kiosk.pay(card, shop.debit_key(card), 2500)
    open_sale = left_open(kiosk, number, values)
    shop.tell(kiosk, shop.sale(kiosk, card, 100))
    assert MISSING in faults(shop)
    shop.tell(kiosk, open_sale)
    assert balance(shop, card) == 7400
    del values["tmv"]
    for counter in (3, 4):
        told = shop.tell(kiosk, settled(kiosk, number, paid=1, **values))
        assert verdicts(told) == [[counter, HELD, 7400]]
    holds(shop)


def left_open(kiosk: KioskSide, number: tuple[int, int], values: dict[str, Any]) -> bytes:
    """The report of a sale whose answer was lost, under the number of its debit."""
    told = {key: values[key] for key in ("uid", "issue", "amount_fen", "happened_s")}
    before = {"tmc": values["tmc"] - 1, "value_fen": values["value_fen"] + values["amount_fen"]}
    return kiosk.message(number, messages.UNSETTLED, **told, **before)


def test_a_settlement_that_comes_before_its_open_sale_is_booked_with_it(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    number, values = kiosk.pay(card, shop.debit_key(card), 2500)
    open_sale = left_open(kiosk, number, values)
    shop.tell(kiosk, shop.sale(kiosk, card, 100))
    del values["tmv"]
    shop.tell(kiosk, settled(kiosk, number, paid=1, **values))
    assert balance(shop, card) == 9900, "no open sale of this kiosk, no booking"
    shop.tell(kiosk, open_sale)
    assert balance(shop, card) == 7400
    holds(shop)


@pytest.mark.parametrize("changed", [{"amount_fen": 100}, {"issue": 2}, {"uid": bytes(7)}])
def test_an_open_sale_of_another_card_or_amount_lets_nothing_be_booked(
    shop: Shop, changed: dict[str, Any]
) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    number, values = kiosk.pay(card, shop.debit_key(card), 2500)
    shop.tell(kiosk, left_open(kiosk, number, values | changed), shop.sale(kiosk, card, 100))
    del values["tmv"]
    shop.tell(kiosk, settled(kiosk, number, paid=1, **values))
    assert balance(shop, card) == 9900


def sales(shop: Shop) -> dict[str, int]:
    return dict(shop.query("SELECT owner, balance FROM accounts WHERE kind = 'sales'"))


def test_a_sale_claimed_without_proof_moves_to_the_kiosk_that_proves_it(shop: Shop) -> None:
    honest, thief, card = shop.connected("K1"), shop.connected("K2"), shop.card(10_000)
    number, values = honest.pay(card, shop.debit_key(card), 2500)
    true_sale = honest.message(number, messages.SALE, **values)
    shop.tell(honest, shop.sale(honest, card, 100))
    word = {key: value for key, value in values.items() if key != "tmv"}
    claim = thief.next_number()
    shop.tell(thief, left_open(thief, claim, word), settled(thief, claim, paid=1, **word))
    assert sales(shop) == {"kiosk:K1": 100, "kiosk:K2": 2500}
    assert verdicts(shop.tell(honest, true_sale)) == [[1, HELD, 7400]]
    assert sales(shop) == {"kiosk:K1": 2600, "kiosk:K2": 0}
    assert shop.alarms() == ["wrong-kiosk"]
    holds(shop)
    again = settled(honest, number, paid=1, **values)
    assert verdicts(shop.tell(honest, again)) == [[3, HELD, 7400]]
    assert sales(shop) == {"kiosk:K1": 2600, "kiosk:K2": 0} and shop.alarms() == ["wrong-kiosk"]


def test_a_proven_sale_is_not_moved_by_a_copy_that_proves_the_same_elsewhere(shop: Shop) -> None:
    one, two, card = shop.connected("K1"), shop.connected("K2"), shop.card(10_000)
    copy = DesfireCard.load(card.dump())
    shop.tell(one, shop.sale(one, card, 2500))
    assert verdicts(shop.tell(two, shop.sale(two, copy, 2500))) == [[1, HELD, 7500]]
    assert sales(shop) == {"kiosk:K1": 2500} and shop.alarms() == ["counter-twice"]


def test_a_word_about_a_sale_that_another_kiosk_proved_is_kept_apart(shop: Shop) -> None:
    honest, thief, card = shop.connected("K1"), shop.connected("K2"), shop.card(10_000)
    number, values = honest.pay(card, shop.debit_key(card), 2500)
    shop.tell(honest, honest.message(number, messages.SALE, **values))
    del values["tmv"]
    assert verdicts(shop.tell(thief, settled(thief, (1, 9), paid=1, **values))) == [[1, FLAGGED, 7500]]
    assert sales(shop) == {"kiosk:K1": 2500} and shop.alarms() == ["settlement-unproven"]


@pytest.mark.parametrize("paid_first", [0, 1])
def test_a_settlement_told_both_ways_is_alarmed_and_the_proof_wins(shop: Shop, paid_first: int) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    number, values = kiosk.pay(card, shop.debit_key(card), 2500)
    shop.tell(kiosk, left_open(kiosk, number, values))
    before = values | {"tmc": 1, "value_fen": 10_000}
    del before["tmv"]
    told = [settled(kiosk, number, paid=0, **before), settled(kiosk, number, paid=1, **values)]
    for payload in reversed(told) if paid_first else told:
        shop.tell(kiosk, payload, payload)
    assert shop.alarms() == ["settlement-contradiction"]
    assert shop.look(settling.outcome, 1, *number) == 1
    assert balance(shop, card) == 7500
    holds(shop)


def test_an_invented_settlement_does_not_take_the_place_of_a_true_sale(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    other = shop.connected("K2")
    invented = {"uid": card.uid, "issue": 1, "amount_fen": 9000, "tmc": 2, "value_fen": 1000}
    shop.tell(kiosk, settled(kiosk, (1, 7), paid=1, **invented, happened_s=NOW_S))
    assert balance(shop, card) == 10_000
    assert verdicts(shop.tell(other, shop.sale(other, card, 2500))) == [[1, BOOKED, 7500]]
    assert verdicts(shop.tell(other, shop.sale(other, card, 2500))) == [[2, BOOKED, 5000]]
    assert balance(shop, card) == 5000
    holds(shop)


def test_a_paid_settlement_with_counter_zero_is_no_fact(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    values = {"uid": card.uid, "issue": 1, "amount_fen": 2500, "tmc": 0, "value_fen": 7500}
    heard = shop.tell(kiosk, settled(kiosk, (1, 1), paid=1, **values, happened_s=NOW_S))
    assert verdicts(heard)[0][1] == BAD_TMV and balance(shop, card) == 10_000
