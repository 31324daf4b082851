"""Passes of minutes at the desk: sold, shown, closed while somebody is inside, taken back."""

from typing import Any

import pytest

from host import clock
from host.cards import passes, stays
from host.desk.acts import Act
from host.desk.stays import close, inside
from host.terminals.relay.session import Session
from host.terminals.sales.entries import Entries
from host.terminals.sales.payments import Request
from protocol.wire import online
from simulator.card import DesfireCard
from tests.host.desk.counter import Desk
from tests.host.looks import holds
from tests.host.rig import KioskSide, Shop

HOUR_S = 3600


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return Desk(shop)


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands."""
    on(monkeypatch, 0)


def sold(shop: Shop, desk: Desk, minutes: int = 600, **more: Any) -> tuple[Any, DesfireCard, int]:
    """A clerk, a card, and the number of its pass."""
    clerk, card = desk.clerk(), shop.card(1000)
    shown = desk.do(clerk, "pass", uid=card.uid.hex(), reason="x", minutes=minutes, **more)
    return clerk, card, shown["passes"][0]["pass"]


def tap(shop: Shop, side: KioskSide, uid: bytes, opens: bool = True) -> Any:
    """A door lets the card in or out, and says that it did, or did not."""
    kiosk = shop.kiosks.find(side.name)
    assert kiosk is not None
    said = {"uid": uid, "request": bytes(8), "wants": online.ENTER, "card": online.PURSE}
    entries = Entries(shop.opened.database, {"purse": lambda _card, _connection: None})
    number = side.next_number()
    session = Session(kiosk, side.nonce, 1, said, lambda _down: None)
    entry = entries.decide(Request(kiosk, *number, online.PURSE, uid, 1), session)
    kind = online.REVERSAL if entry.reason or not opens else online.TAKEN
    shop.tell(side, side.message(number, kind, uid=uid, amount_fen=1, happened_s=clock.now_s()))
    return entry


def on(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    """The clock goes on."""
    now_s = clock.now_s() + seconds
    monkeypatch.setattr(clock, "now_s", lambda: now_s)


def test_minutes_are_sold_once_and_shown(shop: Shop, desk: Desk) -> None:
    clerk, card = desk.clerk(), shop.card(1000)
    asked = {"uid": card.uid.hex(), "reason": "ten hours", "minutes": 600, "amount_fen": 12_000}
    shown = desk.do(clerk, "pass", "k", **asked, stay_min=240)
    assert desk.do(clerk, "pass", "k", **asked, stay_min=240) == shown
    (found,) = shown["passes"]
    assert (found["minutes"], found["visits"], found["left"], found["owed"]) == (600, None, 600, 0)
    assert (found["stay_min"], found["again_min"], found["inside_since"]) == (240, 0, None)
    assert desk.holds(clerk) == 32_000
    holds(shop)


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": 0},
        {"minutes": 60_001},
        {"minutes": 1.5},
        {"minutes": 60, "visits": 1},
        {"minutes": 60, "again_min": 2},
        {"visits": 1, "stay_min": 60},
        {"minutes": 60, "stay_min": 9},
        {"minutes": 60, "stay_min": 1441},
        {"minutes": 60, "until": "2020-01-31"},
    ],
    ids=str,
)
def test_minutes_that_make_no_sense_are_refused(shop: Shop, desk: Desk, wrong: dict[str, Any]) -> None:
    clerk, card = desk.clerk(), shop.card(1000)
    assert desk.refused(clerk, "pass", uid=card.uid.hex(), reason="x", **wrong) == (400, "field")
    assert shop.query("SELECT count(*) FROM passes") == [(0,)]


def test_very_many_minutes_need_a_second_person(shop: Shop, desk: Desk) -> None:
    clerk, card = desk.clerk(), shop.card(1000)
    waits = desk.do(clerk, "pass", uid=card.uid.hex(), reason="x", minutes=6_001)["waits"]
    assert "6001 minutes" in waits["subject"]
    desk.do(clerk, "pass", uid=card.uid.hex(), reason="x", minutes=6_000)
    assert shop.query("SELECT amount FROM passes") == [(6_000,)]


def test_who_is_inside_since_when(shop: Shop, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk, card, number = sold(shop, desk)
    side, since_s = shop.connected(), clock.now_s()
    assert shop.look(inside) == []
    tap(shop, side, card.uid)
    on(monkeypatch, HOUR_S)
    (found,) = shop.look(inside)
    assert found == {
        "uid": card.uid.hex().upper(),
        "number": found["number"],
        "pass": number,
        "since": since_s,
        "minutes": 60,
        "left": 600,
    }
    shown = desk.do(clerk, "note", uid=card.uid.hex())
    assert shown["passes"][0]["inside_since"] == since_s
    tap(shop, side, card.uid)
    assert shop.look(inside) == []


def test_a_stay_is_closed_once_and_books_what_it_counts(
    shop: Shop, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, card, _number = sold(shop, desk)
    side, uid = shop.connected(), card.uid.hex()
    assert desk.refused(clerk, "close-stay", uid=uid, reason="x") == (409, "outside")
    tap(shop, side, card.uid)
    on(monkeypatch, HOUR_S)
    shown = desk.do(clerk, "close-stay", "k", uid=uid, reason="left by the fire door")
    assert desk.do(clerk, "close-stay", "k", uid=uid, reason="left by the fire door") == shown
    assert (shown["used_min"], shown["passes"][0]["left"]) == (60, 540)
    assert desk.refused(clerk, "close-stay", uid=uid, reason="x") == (409, "outside")
    assert tap(shop, side, card.uid).used_min is None, "the next tap comes in"
    holds(shop)


def test_an_act_that_was_killed_before_it_answered_closes_nothing_more(
    shop: Shop, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, card, _number = sold(shop, desk)
    side, uid = shop.connected(), card.uid.hex()
    tap(shop, side, card.uid)
    on(monkeypatch, HOUR_S)
    number = desk.do(clerk, "close-stay", uid=uid, reason="x")["act"]
    on(monkeypatch, HOUR_S)
    tap(shop, side, card.uid)
    act = Act(number, "close-stay", clerk, {"uid": uid, "reason": "x"})
    assert close(desk.counter, act)["used_min"] == 60
    assert len(shop.look(inside)) == 1


def test_a_shorter_stay_is_a_gift_and_needs_the_right(
    shop: Shop, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, card, _number = sold(shop, desk)
    lead, uid = desk.operator("lea", "lead"), card.uid.hex()
    tap(shop, shop.connected(), card.uid)
    on(monkeypatch, 9 * HOUR_S)
    assert desk.refused(clerk, "close-stay", uid=uid, reason="x", minutes=90) == (403, "right")
    shown = desk.do(lead, "close-stay", uid=uid, reason="forgot to tap", minutes=90)
    assert (shown["used_min"], shown["passes"][0]["left"]) == (90, 510)
    holds(shop)


def test_unused_minutes_are_paid_back_when_nobody_is_inside(
    shop: Shop, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, card, number = sold(shop, desk, amount_fen=10_000)
    side, asked = shop.connected(), {"uid": card.uid.hex(), "pass": number, "reason": "moves away"}
    tap(shop, side, card.uid)
    assert desk.refused(clerk, "cancel-pass", **asked) == (409, "inside")
    on(monkeypatch, HOUR_S)
    tap(shop, side, card.uid)
    shown = desk.do(clerk, "cancel-pass", "k", **asked)
    assert shown["paid_fen"] == 9_000 and desk.holds(clerk) == 21_000
    assert desk.do(clerk, "cancel-pass", "k", **asked) == shown
    assert shown["passes"][0]["left"] == 0
    assert tap(shop, side, card.uid).reason == "no_pass"
    holds(shop)


def test_what_is_owed_is_paid_by_the_next_pass_that_is_sold(
    shop: Shop, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, card, _number = sold(shop, desk, 60)
    side, uid = shop.connected(), card.uid.hex()
    tap(shop, side, card.uid)
    on(monkeypatch, 2 * HOUR_S)
    assert tap(shop, side, card.uid).left == -60
    assert desk.do(clerk, "note", uid=uid)["passes"][0]["owed"] == 60
    shown = desk.do(clerk, "pass", "k", uid=uid, reason="x", minutes=100, amount_fen=100)
    assert desk.do(clerk, "pass", "k", uid=uid, reason="x", minutes=100, amount_fen=100) == shown
    assert [(one["left"], one["owed"]) for one in shown["passes"]] == [(0, 0), (40, 0)]
    holds(shop)


def test_a_stay_goes_with_the_card_that_replaces_its_own(
    shop: Shop, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, card, number = sold(shop, desk)
    side, other = shop.connected(), shop.card(0)
    tap(shop, side, card.uid)
    desk.do(clerk, "lost", uid=card.uid.hex(), reason="x")
    assert tap(shop, side, card.uid).reason == "hot"
    desk.hears(side)
    desk.do(clerk, "replace", uid=card.uid.hex(), new_uid=other.uid.hex(), reason="x")
    assert shop.look(inside)[0]["uid"] == other.uid.hex().upper()
    on(monkeypatch, HOUR_S)
    assert tap(shop, side, other.uid).used_min == 60
    one = shop.look(passes.find, number)
    assert one is not None and shop.look(passes.left, one) == 540
    assert shop.look(stays.inside) == []
    holds(shop)


def merged(shop: Shop, desk: Desk, side: KioskSide, old: bytes, new: bytes) -> None:
    """A card that has passes of its own takes over those of a lost one."""
    clerk = desk.operator("bob")
    desk.do(clerk, "lost", uid=old.hex(), reason="x")
    desk.hears(side)
    desk.do(clerk, "replace", uid=old.hex(), new_uid=new.hex(), reason="x")


def test_a_card_pays_what_one_owes_that_it_replaces(
    shop: Shop, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, card, _number = sold(shop, desk, 60)
    side, other = shop.connected(), shop.card(0)
    desk.do(clerk, "pass", uid=other.uid.hex(), reason="x", minutes=100)
    tap(shop, side, card.uid)
    on(monkeypatch, 2 * HOUR_S)
    assert tap(shop, side, card.uid).left == -60
    merged(shop, desk, side, card.uid, other.uid)
    on(monkeypatch, 60)
    assert tap(shop, side, other.uid).left == 40
    assert shop.look(passes.left, shop.look(passes.of_card, other.uid, 1)[1]) == 40
    holds(shop)


def test_two_cards_that_are_inside_and_become_one_both_go_out(
    shop: Shop, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, card, _number = sold(shop, desk)
    side, other = shop.connected(), shop.card(0)
    desk.do(clerk, "pass", uid=other.uid.hex(), reason="x", minutes=100)
    for each in (card, other):
        tap(shop, side, each.uid)
    merged(shop, desk, side, card.uid, other.uid)
    on(monkeypatch, HOUR_S)
    assert tap(shop, side, other.uid).used_min == 60
    on(monkeypatch, 60)
    assert tap(shop, side, other.uid).used_min == 61
    assert shop.look(inside) == []
    holds(shop)


def test_no_more_is_paid_back_than_a_pass_cost(
    shop: Shop, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another pass paid what it owed, and a door that undid got that for it."""
    clerk, card, number = sold(shop, desk, 60, amount_fen=6_000)
    lead, side, uid = desk.operator("lea", "lead"), shop.connected(), card.uid.hex()
    desk.do(clerk, "pass", uid=uid, reason="a gift", minutes=100)
    tap(shop, side, card.uid)
    on(monkeypatch, 2 * HOUR_S)
    tap(shop, side, card.uid, opens=False)
    one = shop.look(passes.find, number)
    assert one is not None and shop.look(passes.left, one) == 120
    desk.do(lead, "close-stay", uid=uid, reason="x", minutes=1)
    shown = desk.do(clerk, "cancel-pass", uid=uid, **{"pass": number}, reason="moves away")
    assert shown["paid_fen"] == 6_000
    holds(shop)
