"""Payments asked for online: decided once for a number, undone once, in whatever order the messages come."""

import itertools
from typing import Any

import pytest
from pytest_mock import MockerFixture

from host.cards import pins, plain, registry
from host.ledger import accounts, waiting
from host.ledger.books import book
from host.ledger.chart import HOUSE
from protocol.wire import online
from protocol.wire.messages import BOOKED, FLAGGED
from tests.host.looks import faults, holds, list_card, verdicts
from tests.host.rig import NOW_S, KioskSide, Shop
from tests.host.terminals.sales.payments import UID, ask, begun, plain_card

Number = tuple[int, int]


def money(shop: Shop, uid: bytes = UID) -> int:
    return shop.look(accounts.card_balance, uid, 1) or 0


def told(shop: Shop, kiosk: KioskSide, number: Number, kind: int, amount_fen: int = 2500) -> list[list[int]]:
    message = kiosk.message(number, kind, uid=UID, amount_fen=amount_fen, happened_s=NOW_S)
    return verdicts(shop.tell(kiosk, message))


def test_a_payment_is_booked_once_and_the_same_request_gets_the_same_answer(shop: Shop) -> None:
    kiosk, number = begun(shop)
    first = ask(shop, kiosk, number, 2500)
    assert first == ("", 2500, 7500) == ask(shop, kiosk, number, 2500)
    assert told(shop, kiosk, number, online.TAKEN) == [[1, BOOKED, 0]]
    assert ask(shop, kiosk, number, 2500) == first
    assert (money(shop), shop.alarms()) == (7500, [])
    holds(shop)


def test_a_refusal_is_kept_as_well(shop: Shop) -> None:
    kiosk, number = begun(shop, 1000)
    assert ask(shop, kiosk, number, 2500) == ("low", 0, 1000)
    plain_card(shop, 9000, bytes(6) + b"\x01")
    assert ask(shop, kiosk, number, 2500) == ("low", 0, 1000)
    assert told(shop, kiosk, number, online.REVERSAL) == [[1, BOOKED, 0]]
    assert money(shop) == 1000
    holds(shop)


def test_a_number_asked_again_for_something_else_is_refused_and_alarmed(shop: Shop) -> None:
    kiosk, number = begun(shop)
    ask(shop, kiosk, number, 2500)
    assert ask(shop, kiosk, number, 2400).reason == "reused"
    assert (money(shop), shop.alarms()) == (7500, ["number-reused"])


@pytest.mark.parametrize("order", list(itertools.permutations(("ask", "reverse", "reverse again"))))
def test_a_reversal_undoes_the_payment_once_in_any_order(shop: Shop, order: tuple[str, ...]) -> None:
    kiosk, number = begun(shop)
    for step in order:
        if step == "ask":
            ask(shop, kiosk, number, 2500)
        else:
            assert told(shop, kiosk, number, online.REVERSAL) == [[1, BOOKED, 0]]
    assert money(shop) == 10_000
    assert ask(shop, kiosk, number, 2500).reason == ("" if order[0] == "ask" else "reversed")
    assert money(shop) == 10_000, "what was reversed stays so, though the answer to the request is the same"
    holds(shop)


def test_one_batch_with_the_reversal_of_two_payments(shop: Shop) -> None:
    plain_card(shop, 10_000)
    kiosk = shop.connected()
    numbers = [kiosk.next_number() for _ in range(3)]
    for number in numbers:
        ask(shop, kiosk, number, 100)
    said: dict[str, Any] = {"uid": UID, "amount_fen": 100, "happened_s": NOW_S}
    kinds = (online.REVERSAL, online.TAKEN, online.REVERSAL)
    shop.tell(kiosk, kiosk.journal(*((n, kind, said) for n, kind in zip(numbers, kinds, strict=True))))
    assert money(shop) == 9900
    holds(shop)


def test_what_nobody_decided_cannot_be_taken(shop: Shop) -> None:
    kiosk, number = begun(shop)
    assert told(shop, kiosk, number, online.TAKEN) == [[1, FLAGGED, 0]]
    assert (money(shop), shop.alarms()) == (10_000, ["payment-unknown"])
    assert ask(shop, kiosk, number, 2500).reason == "reversed", "the number is used"
    holds(shop)


def test_taken_and_then_reversed_under_one_number_is_alarmed_and_stays_taken(shop: Shop) -> None:
    kiosk, number = begun(shop)
    ask(shop, kiosk, number, 2500)
    told(shop, kiosk, number, online.TAKEN)
    assert told(shop, kiosk, number, online.REVERSAL) == [[1, FLAGGED, 0]]
    assert (money(shop), shop.alarms()) == (7500, ["number-reused"])
    holds(shop)


def test_who_may_not_pay_is_told_why(shop: Shop) -> None:
    plain_card(shop, 50_000)
    kiosk = shop.connected()

    def reason(amount_fen: int = 100, **more: Any) -> str:
        return ask(shop, kiosk, kiosk.next_number(), amount_fen, **more).reason

    assert reason(uid=bytes(7)) == "unknown"
    assert reason(card=online.PURSE) == reason(card=online.ACCOUNT) == "unknown", "it is another kind of card"
    assert reason(uid=shop.card(1000).uid) == "unknown", "a purse pays with what is on it"
    assert reason(plain.DAILY_FEN + 1) == "daily"
    with shop.opened.database.write() as connection:
        card = registry.newest(connection, UID)
        assert card is not None
        pins.set_(connection, card, "1357", "operator:desk")
    assert reason() == "pin"
    assert (reason(pin="2468"), reason(pin="1357"), money(shop)) == ("pin-wrong", "", 49_900)
    assert [reason(pin="2468") for _ in range(pins.TRIES_MAX)][-2:] == ["pin-wrong", "pin-blocked"]
    assert (reason(pin="1357"), reason(), money(shop)) == ("pin-blocked", "pin-blocked", 49_900)
    with shop.opened.database.write() as connection:
        pins.set_(connection, card, None, "operator:desk")
    assert reason() == ""
    list_card(shop, UID)
    assert reason() == "hot"
    assert money(shop) == 49_800
    assert faults(shop) == {}


def test_a_day_is_bounded_and_what_was_reversed_does_not_count(shop: Shop) -> None:
    kiosk, first = begun(shop, 100_000)
    assert ask(shop, kiosk, first, plain.DAILY_FEN).reason == ""
    assert ask(shop, kiosk, kiosk.next_number(), 1).reason == "daily"
    told(shop, kiosk, first, online.REVERSAL, plain.DAILY_FEN)
    assert ask(shop, kiosk, kiosk.next_number(), 1).reason == ""
    holds(shop)


def test_what_is_undone_after_midnight_gives_the_new_day_nothing(shop: Shop, mocker: MockerFixture) -> None:
    now = mocker.patch("host.clock.now_s", return_value=plain.day_began_s(NOW_S) - 10)
    kiosk, first = begun(shop, 100_000)
    assert ask(shop, kiosk, first, plain.DAILY_FEN).reason == ""
    now.return_value += 20
    told(shop, kiosk, first, online.REVERSAL, plain.DAILY_FEN)
    second = kiosk.next_number()
    assert ask(shop, kiosk, second, plain.DAILY_FEN).reason == ""
    assert ask(shop, kiosk, kiosk.next_number(), 1).reason == "daily"
    told(shop, kiosk, second, online.REVERSAL, plain.DAILY_FEN)
    assert ask(shop, kiosk, kiosk.next_number(), plain.DAILY_FEN).reason == ""
    holds(shop)


def test_a_reversal_after_the_card_was_paid_out_is_alarmed(shop: Shop) -> None:
    kiosk, number = begun(shop)
    ask(shop, kiosk, number, 2500)
    with book(shop.opened.database) as books:
        waiting.release(books, UID, 1, (HOUSE, "cash"), "operator:desk")
    assert told(shop, kiosk, number, online.REVERSAL) == [[1, BOOKED, 0]]
    assert (money(shop), shop.alarms()) == (2500, ["reversal-late"])
    holds(shop)


def test_no_kiosk_undoes_what_another_took(shop: Shop) -> None:
    plain_card(shop, 10_000)
    mine, stolen = shop.connected("K1"), shop.connected("K2")
    number = mine.next_number()
    ask(shop, mine, number, 2500)
    assert told(shop, stolen, number, online.REVERSAL) == [[1, BOOKED, 0]]
    assert money(shop) == 7500
    holds(shop)
