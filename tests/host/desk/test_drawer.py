from typing import Any

import pytest

from host import operators
from tests.host.desk.counter import Desk
from tests.host.looks import holds


def test_a_drawer_opens_with_a_float_and_closes_with_a_count(desk: Desk) -> None:
    ann = desk.operator("ann")
    opened = desk.do(ann, "open-drawer", counted_fen=20_000)
    assert (opened["holds_fen"], opened["open"], opened["drawer_of"]) == (20_000, True, "ann")
    desk.issued(ann, 10_000)
    assert desk.holds(ann) == 30_000
    counted = desk.do(ann, "count-drawer", counted_fen=30_000)
    assert (counted["expected_fen"], counted["over_fen"]) == (30_000, 0)
    closed = desk.do(ann, "close-drawer", counted_fen=29_900)
    assert (closed["expected_fen"], closed["counted_fen"], closed["over_fen"]) == (30_000, 29_900, -100)
    assert desk.refused(ann, "count-drawer", counted_fen=0) == (409, "drawer")
    assert desk.shop.query(
        "SELECT owner, kind, balance FROM accounts WHERE kind IN ('cash', 'over-short') ORDER BY kind, owner"
    ) == [("house", "cash", -9_900), ("shift:1", "cash", 0), ("shift:1", "over-short", -100)]
    holds(desk.shop)


def test_too_much_is_booked_too(desk: Desk) -> None:
    ann = desk.clerk()
    assert desk.do(ann, "close-drawer", counted_fen=20_001)["over_fen"] == 1
    holds(desk.shop)


def test_a_drawer_is_opened_once_and_a_machine_has_none(desk: Desk) -> None:
    ann = desk.clerk()
    assert desk.refused(ann, "open-drawer", counted_fen=1) == (409, "drawer-open")
    till = desk.operator("bob")
    assert desk.refused(till, "count-drawer", counted_fen=1) == (409, "drawer")
    machine = desk.shop.look(operators.find, "desk")
    assert machine is not None
    assert desk.refused(machine, "open-drawer", counted_fen=1) == (409, "drawer")


def test_a_drawer_is_handed_over_as_it_is(desk: Desk) -> None:
    ann, bob, eve = desk.clerk(), desk.operator("bob"), desk.operator("eve")
    shift = desk.do(ann, "close-drawer", counted_fen=20_000, hand_over=True)["shift"]
    taken = desk.do(bob, "open-drawer", counted_fen=19_500, from_shift=shift)
    assert (taken["holds_fen"], taken["counts"][0]["expected_fen"]) == (19_500, 20_000)
    assert desk.refused(eve, "open-drawer", counted_fen=20_000, from_shift=shift) == (409, "drawer")
    assert desk.refused(eve, "open-drawer", counted_fen=20_000, from_shift=99) == (409, "drawer")
    assert desk.shop.query("SELECT owner, balance FROM accounts WHERE kind = 'over-short'") == [
        ("shift:2", -500)
    ]
    holds(desk.shop)


def test_cash_goes_to_the_safe_by_a_lead_alone_and_by_a_clerk_with_another(desk: Desk) -> None:
    ann, lead = desk.clerk(), desk.operator("lea", "lead")
    shift: dict[str, Any] = {"shift": 1}
    out: dict[str, Any] = {"amount_fen": 5_000, "place": "safe", "way": "out", "reason": "too much"}
    assert desk.do(lead, "move-cash", **out, **shift)["holds_fen"] == 15_000
    waits = desk.do(ann, "move-cash", "k", **out)["waits"]
    assert (waits["kind"], waits["amount_fen"], waits["state"]) == ("cash", 5_000, "waits")
    assert desk.holds(ann) == 15_000, "nothing moved"
    desk.do(lead, "approve", approval=waits["id"], yes=True)
    for _ in range(2):
        assert desk.do(ann, "move-cash", "k", **out)["holds_fen"] == 10_000
    assert desk.refused(lead, "move-cash", **{**out, "amount_fen": 10_001}, **shift) == (409, "drawer")
    assert desk.refused(lead, "move-cash", **out) == (409, "drawer"), "no drawer of one's own"
    bob = desk.operator("bob")
    assert desk.refused(bob, "move-cash", **out, **shift) == (409, "drawer"), "another's"
    desk.do(lead, "move-cash", amount_fen=1, place="bank", way="in", reason="change", **shift)
    assert desk.holds(ann) == 10_001
    holds(desk.shop)


@pytest.mark.parametrize("act", ["issue", "top-up", "refund"])
def test_cash_needs_an_open_drawer(desk: Desk, act: str) -> None:
    ann = desk.clerk()
    desk.issued(ann)
    bob = desk.operator("bob")
    asked: dict[str, Any] = {"reason": "moves away"} if act == "refund" else {"amount_fen": 100}
    before = desk.shop.query("SELECT count(*) FROM transactions")
    assert desk.refused(bob, act, reader="r", **asked) == (409, "drawer")
    assert desk.shop.query("SELECT count(*) FROM transactions") == before
