"""A sale whose answer was lost is settled at the card's next contact with any terminal, and never twice."""

from typing import Any

import pytest

from host.terminals.doubt import settling
from host.terminals.reported import sequences
from protocol.wire import messages
from protocol.wire.messages import BOOKED, FLAGGED, HELD
from simulator.card import DesfireCard
from tests.host.looks import balance, flags, holds, verdicts
from tests.host.rig import KioskSide, Shop
from tests.host.terminals.doubt.test_unproven import left_open, sales, settled

PRICE_FEN = 2500


class Lost:
    """Two kiosks, and a card that paid at K1, whose answer was lost there."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.first, self.second = shop.connected("K1"), shop.connected("K2")
        self.card: DesfireCard = shop.card(10_000)
        self.number, self.values = self.first.pay(self.card, shop.debit_key(self.card), PRICE_FEN)
        self.open_sale = left_open(self.first, self.number, self.values)

    def sale(self, kiosk: KioskSide, amount_fen: int = 100) -> bytes:
        return self.shop.sale(kiosk, self.card, amount_fen)

    def word(self, paid: int, proven: bool) -> bytes:
        """What K1 says when the card is back there."""
        values: dict[str, Any] = dict(self.values)
        if not paid:
            values |= {"tmc": 1, "value_fen": 10_000}
        if not proven:
            del values["tmv"]
        return settled(self.first, self.number, paid=paid, **values)

    def outcome(self) -> int | None:
        return self.shop.look(settling.outcome, 1, *self.number)


@pytest.fixture
def lost(shop: Shop) -> Lost:
    return Lost(shop)


@pytest.mark.parametrize("order", ["open sale first", "other kiosk first"])
def test_the_next_sale_at_another_kiosk_settles_it(shop: Shop, lost: Lost, order: str) -> None:
    told = [(lost.first, lost.open_sale), (lost.second, lost.sale(lost.second))]
    for kiosk, payload in told if order == "open sale first" else reversed(told):
        shop.tell(kiosk, payload)
    assert sales(shop) == {"kiosk:K1": PRICE_FEN, "kiosk:K2": 100}
    assert balance(shop, lost.card) == 7_400
    assert (lost.outcome(), shop.look(sequences.unsettled, 1)) == (1, 0)
    assert flags(shop, lost.card) == [] and shop.alarms() == []
    holds(shop)


@pytest.mark.parametrize("proven", [False, True])
def test_the_kiosk_that_tells_it_later_books_nothing_more(shop: Shop, lost: Lost, proven: bool) -> None:
    shop.tell(lost.first, lost.open_sale)
    shop.tell(lost.second, lost.sale(lost.second))
    assert verdicts(shop.tell(lost.first, lost.word(1, proven))) == [[2, HELD, 7_400]]
    assert sales(shop) == {"kiosk:K1": PRICE_FEN, "kiosk:K2": 100}
    assert lost.outcome() == 1 and shop.alarms() == []
    holds(shop)


def test_a_kiosk_that_says_otherwise_is_alarmed_and_nothing_is_taken_back(shop: Shop, lost: Lost) -> None:
    shop.tell(lost.first, lost.open_sale)
    shop.tell(lost.second, lost.sale(lost.second))
    shop.tell(lost.first, lost.word(0, proven=False))
    assert shop.alarms() == ["settlement-contradiction"] and lost.outcome() is None
    assert balance(shop, lost.card) == 7_400


def test_the_card_that_went_on_without_it_says_that_it_was_not_paid(shop: Shop) -> None:
    kiosk, other, card = shop.connected("K1"), shop.connected("K2"), shop.card(10_000)
    number, copy = kiosk.next_number(), {"uid": card.uid, "issue": 1, "amount_fen": 700, "tmc": 2}
    shop.tell(other, shop.sale(other, card, 100))
    shop.tell(kiosk, left_open(kiosk, number, copy | {"value_fen": 9_300, "happened_s": 0}))
    assert shop.look(settling.outcome, 1, *number) == 0
    assert sales(shop) == {"kiosk:K2": 100}
    holds(shop)


def test_of_two_open_sales_that_it_may_have_been_none_is_booked(shop: Shop, lost: Lost) -> None:
    """Both kiosks left the same amount open at the same counter: a person, or their own words, decide."""
    twin = left_open(lost.second, lost.second.next_number(), lost.values)
    shop.tell(lost.first, lost.open_sale)
    shop.tell(lost.second, twin)
    shop.tell(lost.second, lost.sale(lost.second))
    assert balance(shop, lost.card) == 9_900
    assert lost.outcome() is None
    assert verdicts(shop.tell(lost.first, lost.word(1, proven=True))) == [[2, BOOKED, 7_400]]
    assert sales(shop) == {"kiosk:K1": PRICE_FEN, "kiosk:K2": 100}
    holds(shop)


@pytest.mark.parametrize(
    "changed", [{"amount_fen": 2400, "value_fen": 7_600}, {"tmc": 3}, {"value_fen": 7_000}]
)
def test_an_open_sale_that_does_not_fit_the_gap_fills_it_not(
    shop: Shop, lost: Lost, changed: dict[str, int]
) -> None:
    shop.tell(lost.first, left_open(lost.first, lost.number, lost.values | changed))
    heard = shop.tell(lost.second, lost.sale(lost.second))
    assert verdicts(heard) == [[1, FLAGGED, 9_900]]
    assert balance(shop, lost.card) == 9_900


def test_a_sale_settled_by_its_value_moves_to_the_kiosk_that_proves_it(shop: Shop, lost: Lost) -> None:
    """K2 claims the debit that K1 made and has not told yet."""
    claim = left_open(lost.second, lost.second.next_number(), lost.values)
    shop.tell(lost.second, claim)
    shop.tell(lost.second, lost.sale(lost.second))
    assert sales(shop) == {"kiosk:K2": PRICE_FEN + 100}
    shop.tell(lost.first, lost.first.message(lost.number, messages.SALE, **lost.values))
    assert sales(shop) == {"kiosk:K1": PRICE_FEN, "kiosk:K2": 100}
    assert shop.alarms() == ["wrong-kiosk"]
    holds(shop)
