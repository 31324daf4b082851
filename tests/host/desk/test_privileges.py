"""Passes and notes at the desk: granted once, with their limits, shown with the card, and gone with it."""

from typing import Any

import pytest

from host import clock
from host.cards import notes, passes
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
    assert found.visits == 3


def test_notes_are_kept_with_the_card_and_change_one_by_one(shop: Shop, desk: Desk) -> None:
    clerk, card = desk.clerk(), shop.card(1000)
    uid = card.uid.hex()
    shown = desk.do(clerk, "note", uid=uid, tier="金卡", birthday="05-17")
    assert (shown["tier"], shown["birthday"], shown["points"]) == ("金卡", "05-17", None)
    assert desk.do(clerk, "note", uid=uid, birthday="")["tier"] == "金卡"
    assert shop.look(notes.of, card.uid, 1) == (3, "")
    assert desk.do(clerk, "note", uid=uid, tier="")["tier"] is None
    for wrong in ({"tier": "Gold"}, {"birthday": "5-17"}, {"birthday": "02-30"}, {"birthday": "13-01"}):
        status, _ = desk.refused(clerk, "note", uid=uid, **wrong)
        assert status == 409
