"""Passes at the desk: sold once, with their limits, gone with the card, and taken back as far as unused."""

import time
from typing import Any

import pytest

from host import clock
from host.cards import pass_sales, passes
from host.terminals.fleet.configs import Config
from host.terminals.relay.session import Session
from host.terminals.sales.entries import Entries
from host.terminals.sales.payments import Request
from protocol.wire import online
from tests.host.desk.counter import Desk
from tests.host.looks import holds
from tests.host.rig import Shop


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return Desk(shop)


def test_a_pass_is_granted_once_and_shown(shop: Shop, desk: Desk) -> None:
    clerk, card = desk.clerk(), shop.card(1000)
    asked = {"uid": card.uid.hex(), "reason": "paid at the till", "visits": 10, "until": "2099-01-31"}
    now_s = clock.now_s()
    asked["until"] = "2030-01-31"
    shown = desk.do(clerk, "pass", "k", **asked, opens="16:00", closes="19:00")
    assert desk.do(clerk, "pass", "k", **asked, opens="16:00", closes="19:00") == shown
    (found,) = shown["passes"]
    assert (found["visits"], found["left"], found["opens"], found["closes"]) == (10, 10, "16:00", "19:00")
    assert found["until"] > now_s and found["again_min"] == 2 and found["who"] == "operator:ann"
    holds(shop)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"visits": 0},
        {"visits": 1001},
        {"until": "2020-01-31"},
        {"until": "2099-01-31"},
        {"until": "31.1.2030"},
        {"until": "2030-02-31"},
        {"visits": 1, "opens": "16:00"},
        {"visits": 1, "opens": "16:00", "closes": "24:00"},
        {"visits": 1, "opens": "16:00", "closes": "1900"},
        {"visits": 1, "again_min": 241},
        {"visits": 1, "amount_fen": 0},
        {"visits": 1, "amount_fen": 12.5},
    ],
    ids=str,
)
def test_a_pass_that_makes_no_sense_is_refused(shop: Shop, desk: Desk, wrong: dict[str, Any]) -> None:
    clerk, card = desk.clerk(), shop.card(1000)
    refused = desk.refused(clerk, "pass", uid=card.uid.hex(), reason="x", **wrong)
    assert refused == (400, "field")
    assert shop.query("SELECT count(*) FROM passes") == [(0,)]


@pytest.mark.parametrize(
    "much", [{"visits": 101}, {"visits": 1000, "until": "2030-01-31"}, {"until": "2030-01-31"}], ids=str
)
def test_a_pass_for_very_much_needs_a_second_person(shop: Shop, desk: Desk, much: dict[str, Any]) -> None:
    clerk, lead, card = desk.clerk(), desk.operator("lea", "lead"), shop.card(1000)
    asked = {"uid": card.uid.hex(), "reason": "paid at the till"} | much
    waits = desk.do(clerk, "pass", "k", **asked)["waits"]
    assert waits["kind"] == "pass" and card.uid.hex().upper() in waits["subject"]
    assert desk.do(clerk, "pass", "k", **asked)["waits"]["id"] == waits["id"]
    assert shop.query("SELECT count(*) FROM passes") == [(0,)]
    desk.do(lead, "approve", approval=waits["id"], yes=True)
    shown = desk.do(clerk, "pass", "k", **asked)
    assert len(shown["passes"]) == 1 and desk.do(clerk, "pass", "k", **asked) == shown
    desk.do(clerk, "pass", uid=card.uid.hex(), reason="x", visits=100)
    holds(shop)


def test_a_card_that_is_no_more_gets_no_pass(shop: Shop, desk: Desk) -> None:
    clerk, card = desk.clerk(), shop.card(1000)
    desk.do(clerk, "lost", uid=card.uid.hex(), reason="x")
    refused = desk.refused(clerk, "pass", uid=card.uid.hex(), reason="x", visits=1)
    assert refused == (409, "card-state")


def test_a_pass_goes_with_the_card_that_replaces_its_own(shop: Shop, desk: Desk) -> None:
    clerk, card, other = desk.clerk(), shop.card(1000), shop.card(0)
    desk.do(clerk, "pass", uid=card.uid.hex(), reason="x", visits=3)
    desk.do(clerk, "lost", uid=card.uid.hex(), reason="x")
    desk.do(clerk, "replace", uid=card.uid.hex(), new_uid=other.uid.hex(), reason="x")
    (found,) = shop.look(passes.of_card, other.uid, 1)
    assert found.amount == 3


DAY = 86_400


def used(shop: Shop, uid: bytes, counter: int, at: int | None = None) -> None:
    """A door of K1 lets the card in."""
    if shop.kiosks.find("K1") is None:
        shop.kiosks.register("K1", Config(1, mode="pass"), "x")
    kiosk = shop.kiosks.find("K1")
    assert kiosk is not None
    said = {"uid": uid, "request": bytes(8), "wants": online.ENTER, "card": online.PURSE}
    entries = Entries(shop.opened.database, {"purse": lambda _card, _connection: None})
    session = Session(kiosk, bytes(8), 1, said, lambda _down: None)
    assert entries.decide(Request(kiosk, 1, counter, online.PURSE, uid, 1), session).reason == ""


def test_cash_for_a_pass_is_in_the_drawer_and_earned_at_once(shop: Shop, desk: Desk) -> None:
    clerk, card = desk.clerk(), shop.card(1000)
    asked = {"uid": card.uid.hex(), "reason": "x", "visits": 10, "amount_fen": 9_999}
    shown = desk.do(clerk, "pass", "k", **asked)
    assert desk.do(clerk, "pass", "k", **asked) == shown
    assert shown["passes"][0]["price_fen"] == 9_999 and shown["balance_fen"] == 1000
    assert desk.holds(clerk) == 29_999 and sales_fen(shop) == 9_999
    holds(shop)


def test_cash_for_a_pass_needs_a_drawer_and_above_the_limit_a_second_person(shop: Shop, desk: Desk) -> None:
    card, lead = shop.card(1000), desk.operator("lea", "lead")
    asked = {"uid": card.uid.hex(), "reason": "x", "visits": 10}
    assert desk.refused(desk.operator("bob"), "pass", **asked, amount_fen=100) == (409, "drawer")
    clerk = desk.clerk(load=5_000)
    waits = desk.do(clerk, "pass", "k", **asked, amount_fen=5_001)["waits"]
    assert waits["amount_fen"] == 5_001
    assert desk.holds(clerk) == 20_000 and shop.query("SELECT count(*) FROM passes") == [(0,)]
    desk.do(lead, "approve", approval=waits["id"], yes=True)
    desk.do(clerk, "pass", "k", **asked, amount_fen=5_001)
    assert desk.holds(clerk) == 25_001
    holds(shop)


def test_visits_that_are_left_are_paid_back_and_gone(shop: Shop, desk: Desk) -> None:
    clerk, card = desk.clerk(), shop.card(1000)
    uid = card.uid.hex()
    sold = desk.do(clerk, "pass", uid=uid, reason="x", visits=3, amount_fen=1_000, again_min=0)
    number = sold["passes"][0]["pass"]
    used(shop, card.uid, 1)
    shown = desk.do(clerk, "cancel-pass", "k", uid=uid, **{"pass": number}, reason="moves away")
    assert shown["paid_fen"] == 666 and desk.holds(clerk) == 20_334 and sales_fen(shop) == 334
    assert desk.do(clerk, "cancel-pass", "k", uid=uid, **{"pass": number}, reason="moves away") == shown
    (found,) = shown["passes"]
    assert found["left"] == 0 and found["ended_at"] is not None
    assert desk.refused(clerk, "cancel-pass", uid=uid, **{"pass": number}, reason="x") == (409, "pass-over")
    with pytest.raises(AssertionError, match="no_pass"):
        used(shop, card.uid, 2)
    holds(shop)


def test_an_entry_that_its_door_takes_back_is_unused_again(shop: Shop, desk: Desk) -> None:
    clerk, card = desk.clerk(), shop.card(1000)
    side = shop.connected()
    until = day(10)
    sold = desk.do(clerk, "pass", uid=card.uid.hex(), reason="x", until=until, amount_fen=1_100)
    one = shop.look(passes.find, sold["passes"][0]["pass"])
    number = side.next_number()
    used(shop, card.uid, number[1])
    assert shop.look(pass_sales.unused, one, clock.now_s()) == (0, 1_000)
    reversal = {"uid": card.uid, "amount_fen": 1, "happened_s": clock.now_s()}
    shop.tell(side, side.message(number, online.REVERSAL, **reversal))
    assert shop.look(pass_sales.unused, one, clock.now_s()) == (0, 1_100)


def test_a_visit_that_its_door_takes_back_after_the_pass_was_is_told(shop: Shop, desk: Desk) -> None:
    clerk, card = desk.clerk(), shop.card(1000)
    side = shop.connected()
    sold = desk.do(clerk, "pass", uid=card.uid.hex(), reason="x", visits=3, amount_fen=300)
    number = side.next_number()
    used(shop, card.uid, number[1])
    asked = {"uid": card.uid.hex(), "pass": sold["passes"][0]["pass"], "reason": "x"}
    assert desk.do(clerk, "cancel-pass", **asked)["paid_fen"] == 200
    reversal = {"uid": card.uid, "amount_fen": 1, "happened_s": clock.now_s()}
    message = side.message(number, online.REVERSAL, **reversal)
    for _ in range(2):
        shop.tell(side, message)
    assert shop.alarms() == ["pass-visit-late"]
    holds(shop)


def test_a_period_is_paid_back_by_its_days(shop: Shop, desk: Desk) -> None:
    clerk, card = desk.clerk(), shop.card(1000)
    asked = {"uid": card.uid.hex(), "reason": "x", "until": day(10), "amount_fen": 1_100}
    one = shop.look(passes.find, desk.do(clerk, "pass", **asked)["passes"][0]["pass"])
    assert one.until_s is not None
    days = {-1: 0, 0: 0, 1: 100, DAY: 100, DAY + 1: 200, 10 * DAY: 1_000}
    for before_s, fen in days.items():
        assert shop.look(pass_sales.unused, one, one.until_s - before_s) == (0, fen)
    assert (
        desk.do(clerk, "cancel-pass", uid=card.uid.hex(), **{"pass": one.id}, reason="x")["paid_fen"] == 1_100
    )
    assert desk.holds(clerk) == 20_000 and sales_fen(shop) == 0
    with pytest.raises(AssertionError, match="no_pass"):
        used(shop, card.uid, 1)
    holds(shop)


def test_who_may_take_a_pass_back(shop: Shop, desk: Desk) -> None:
    clerk, other, card = desk.clerk(refund=500), desk.clerk("bob"), shop.card(1000)
    lead, uid = desk.operator("lea", "lead"), card.uid.hex()
    number = desk.do(clerk, "pass", uid=uid, reason="x", visits=10, amount_fen=600)["passes"][0]["pass"]
    asked = {"uid": uid, "pass": number, "reason": "x"}
    assert desk.refused(other, "cancel-pass", **asked) == (403, "right")
    waits = desk.do(clerk, "cancel-pass", "k", **asked)["waits"]
    assert (waits["kind"], waits["amount_fen"]) == ("refund", 600)
    desk.do(lead, "approve", approval=waits["id"], yes=True)
    used(shop, card.uid, 1)  # meanwhile: less is unused than was said yes to
    assert desk.refused(clerk, "cancel-pass", "k", **asked) == (409, "approval-changed")
    assert desk.refused(clerk, "cancel-pass", **asked | {"pass": number + 1}) == (404, "unknown-pass")
    assert desk.holds(clerk) == 20_600
    holds(shop)


def test_a_drawer_that_cannot_pay_takes_no_pass_back(shop: Shop, desk: Desk) -> None:
    clerk, card = desk.clerk(float_fen=0), shop.card(1000)
    lead = desk.operator("lea", "lead")
    uid = card.uid.hex()
    number = desk.do(clerk, "pass", uid=uid, reason="x", visits=10, amount_fen=600)["passes"][0]["pass"]
    waits = desk.do(clerk, "move-cash", "m", amount_fen=1, way="out", place="safe", reason="x")["waits"]
    desk.do(lead, "approve", approval=waits["id"], yes=True)
    desk.do(clerk, "move-cash", "m", amount_fen=1, way="out", place="safe", reason="x")
    asked = {"uid": uid, "pass": number, "reason": "x"}
    assert desk.refused(clerk, "cancel-pass", **asked) == (409, "drawer-short")
    one = shop.look(passes.find, number)
    assert (
        one is not None
        and shop.look(passes.left, one) == 10
        and shop.query("SELECT count(*) FROM pass_ends") == [(0,)]
    )


def sales_fen(shop: Shop) -> int:
    """What desks earned."""
    sql = "SELECT balance FROM accounts WHERE kind = 'sales' AND owner LIKE 'shift:%'"
    return sum(row[0] for row in shop.query(sql))


def day(ahead: int) -> str:
    """The local day so many days from today."""
    return time.strftime("%Y-%m-%d", time.localtime(clock.now_s() + ahead * DAY))
