import random
from typing import Any

import pytest

from host.cards import hotlist, registry
from host.cards.proof import Proofs
from host.ledger import lines
from protocol.wire import messages
from protocol.wire.messages import ACK, BAD_TMV, BOOKED, FLAGGED, HELD
from simulator.card import DesfireCard, card_from_state
from tests.host.looks import MISSING, balance, faults, flags, holds, list_card, registered, verdicts
from tests.host.rig import NOW_S, Shop, blank, open_shop


def test_a_sale_is_booked_and_acknowledged(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    heard = shop.tell(kiosk, shop.sale(kiosk, card, 2500))
    nonce = kiosk.nonce
    assert heard[ACK] == {
        "nonce": nonce,
        "epoch": 1,
        "upto": 1,
        "ranges": [],
        "verdicts": [[1, BOOKED, 7500]],
    }
    assert balance(shop, card) == 7500
    assert [(line["account"], line["owner"], line["amount_fen"]) for line in shop.look(lines.after, 0)] == [
        ("cash", "house", -10_000),
        ("card", f"card:{card.uid.hex().upper()}:1", 10_000),
        ("card", f"card:{card.uid.hex().upper()}:1", -2500),
        ("sales", "kiosk:K1", 2500),
    ]
    assert shop.alarms() == [] and flags(shop, card) == []
    holds(shop)


def test_the_same_message_again_gets_the_same_answer_and_books_nothing(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    sale = shop.sale(kiosk, card)
    first = shop.tell(kiosk, sale)
    shop.tell(kiosk, shop.sale(kiosk, card))
    again = shop.tell(kiosk, sale, sale)
    assert verdicts(again) == verdicts(first) * 2
    assert balance(shop, card) == 5000 and shop.alarms() == []
    holds(shop)


def test_reports_in_any_order_end_in_the_same_books(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    sales = [shop.sale(kiosk, card, amount) for amount in (100, 200, 300, 400)]
    heard = shop.tell(kiosk, sales[3], sales[1])
    assert (heard[ACK]["upto"], heard[ACK]["ranges"]) == (0, [[2, 2], [4, 4]])
    assert {code for _, code, _ in verdicts(heard)} == {FLAGGED}, "a counter is missing"
    assert flags(shop, card) == ["gap"] and MISSING in faults(shop)
    heard = shop.tell(kiosk, sales[0], sales[2])
    assert (heard[ACK]["upto"], heard[ACK]["ranges"]) == (4, [])
    assert flags(shop, card) == [] and balance(shop, card) == 9000
    holds(shop)


@pytest.mark.parametrize(
    "changed",
    [
        {"amount_fen": 2499},
        {"value_fen": 7501},
        {"tmc": 3},
        {"happened_s": NOW_S + 1},
        {"tmv": bytes(8)},
        {"issue": 2},
        {"uid": bytes.fromhex("04FFFFFFFFFF80")},
    ],
)
def test_a_debit_that_the_card_does_not_prove_is_no_fact(shop: Shop, changed: dict[str, Any]) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    sequence, values = kiosk.pay(card, shop.debit_key(card), 2500)
    told = values | changed
    heard = shop.tell(kiosk, kiosk.message(sequence, messages.SALE, **told))
    assert verdicts(heard)[0][:2] == [1, BAD_TMV]
    assert heard[ACK]["upto"] == 1, "acknowledged, so that the kiosk does not send it for ever"
    assert heard[messages.HOTLIST]["uids"] == [told["uid"]]
    assert balance(shop, card) == 10_000
    assert shop.alarms() == ["bad-tmv"]
    assert shop.query("SELECT reason FROM suspects") == [("wrong TMV",)]
    holds(shop)


def test_a_sale_of_another_kiosk_cannot_be_told_as_ones_own(shop: Shop) -> None:
    honest, thief, card = shop.connected("K1"), shop.connected("K2"), shop.card(10_000)
    sequence, values = honest.pay(card, shop.debit_key(card), 2500)
    heard = shop.tell(thief, thief.message(sequence, messages.SALE, **values))
    assert verdicts(heard)[0][1] == BAD_TMV
    heard = shop.tell(honest, honest.message(sequence, messages.SALE, **values))
    assert verdicts(heard) == [[1, FLAGGED, 7500]] and flags(shop, card) == ["hotlisted"]


def test_other_content_under_a_used_number_is_alarmed_and_kept_apart(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    shop.tell(kiosk, shop.sale(kiosk, card))
    common = {"uid": card.uid, "issue": 1, "amount_fen": 100, "value_fen": 7500, "happened_s": NOW_S}
    other = kiosk.message((1, 1), messages.UNSETTLED, **common, tmc=2)
    for _ in range(2):  # again: the same answer, no second alarm
        assert verdicts(shop.tell(kiosk, other)) == [[1, FLAGGED, 7500]]
    assert shop.alarms() == ["number-reused"]
    assert shop.query("SELECT count(*) FROM suspects") == [(1,)]
    assert shop.query("SELECT count(*) FROM unsettled") == [(0,)]


def test_a_proved_debit_under_a_used_number_is_booked_and_flagged_all_the_same(shop: Shop) -> None:
    """A flash image put back: the kiosk uses number 1 a second time for another true sale."""
    kiosk, card = shop.connected(), shop.card(10_000)
    shop.tell(kiosk, shop.sale(kiosk, card))
    kiosk.counter = 0
    second = shop.sale(kiosk, card)
    for _ in range(2):
        assert verdicts(shop.tell(kiosk, second)) == [[1, FLAGGED, 5000]]
    assert balance(shop, card) == 5000
    holds(shop)
    assert flags(shop, card) == ["reused number"] and shop.alarms() == ["number-reused"]


def test_an_overdraft_of_the_shadow_is_booked_and_flagged(shop: Shop) -> None:
    """The top-up's answer was lost, so the card has money that the books don't know yet."""
    kiosk, card = shop.connected(), blank()
    card.arm_pull("commit-sent")
    with pytest.raises(Exception, match="stays pending"):
        shop.desk(card).issue(10_000)
    heard = shop.tell(kiosk, shop.sale(kiosk, card, 2500))
    assert verdicts(heard) == [[1, FLAGGED, -2500]]
    assert flags(shop, card) == ["overdraft", "gap", "pending load"]
    assert MISSING in faults(shop), "the gap at the top-up is open"


@pytest.mark.parametrize("state", ["lost", "void"])
def test_a_card_that_should_not_pay_is_booked_and_flagged(shop: Shop, state: str) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    found = registered(shop, card)
    with shop.opened.database.write() as connection:
        registry.become(connection, found, state, "operator:desk")
    assert verdicts(shop.tell(kiosk, shop.sale(kiosk, card))) == [[1, FLAGGED, 7500]]
    assert flags(shop, card) == [state]
    holds(shop)


def test_a_proved_debit_of_a_card_not_in_the_books_goes_to_suspense(shop: Shop, tmp_path: Any) -> None:
    """The books were restored from before the card was made; the keys are the same."""
    older = open_shop(tmp_path / "older")
    object.__setattr__(older.opened, "keeper", shop.opened.keeper)
    older.batches._keeper = shop.opened.keeper
    older.batches.proofs = Proofs(shop.opened.keeper)
    older.kiosks._keeper = shop.opened.keeper
    kiosk, card = older.connected(), shop.card(10_000)
    heard = older.tell(kiosk, shop.sale(kiosk, card))
    assert verdicts(heard) == [[1, FLAGGED, 0]]
    assert older.query("SELECT balance FROM accounts WHERE kind = 'suspense'") == [(-2500,)]
    assert flags(older, card)[0] == "unknown card"
    holds(older)


def test_a_sale_of_a_hotlisted_card_is_booked_and_flagged(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    list_card(shop, card.uid)
    assert verdicts(shop.tell(kiosk, shop.sale(kiosk, card))) == [[1, FLAGGED, 7500]]
    assert flags(shop, card) == ["hotlisted"]
    holds(shop)


def test_a_report_that_breaks_us_is_kept_and_answered(shop: Shop, mocker: Any) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    mocker.patch("host.terminals.intake.decisions.debit", side_effect=RuntimeError("a fault of ours"))
    sale = shop.sale(kiosk, card)
    assert verdicts(shop.tell(kiosk, sale)) == [[1, FLAGGED, 0]]
    assert shop.query("SELECT reason FROM suspects") == [("fault: RuntimeError",)]
    assert shop.alarms() == ["fault"]


def test_a_copy_of_a_card_with_its_keys_is_alarmed_and_flagged(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    copy = card_from_state(card.dump(), random.Random(2))
    assert isinstance(copy, DesfireCard)
    shop.tell(kiosk, shop.sale(kiosk, card, 2500))
    assert verdicts(shop.tell(kiosk, shop.sale(kiosk, copy, 100))) == [[2, HELD, 7500]]
    assert shop.alarms() == ["counter-twice"]
    holds(shop)
    shop.tell(kiosk, shop.sale(kiosk, copy, 100))
    assert flags(shop, card) == ["value differs"]


def test_what_a_kiosk_says_of_a_card_changes_no_other_card(shop: Shop) -> None:
    kiosk, mine, yours = shop.connected(), shop.card(10_000), shop.card(10_000)
    shop.tell(kiosk, shop.sale(kiosk, mine), shop.sale(kiosk, yours, 1), shop.sale(kiosk, mine))
    assert (balance(shop, mine), balance(shop, yours)) == (5000, 9999)
    assert not shop.look(hotlist.holds, mine.uid)
    holds(shop)
