"""The key of an act, and what a second person has to say."""

from typing import Any

import pytest
from pytest_mock import MockerFixture

from host.desk import table, words
from host.desk.approvals import EXPIRES_S
from host.errors import Refused
from host.operators.roles import RIGHTS
from tests.host.desk.counter import Desk
from tests.host.looks import holds
from tests.host.rig import NOW_S, blank


@pytest.fixture
def now(mocker: MockerFixture) -> Any:
    return mocker.patch("host.clock.now_s", return_value=NOW_S)


def test_every_act_has_its_words_its_right_and_its_function() -> None:
    assert set(table.DOING) == set(words.ACTS)
    for act in words.ACTS.values():
        assert act.right in RIGHTS and set(act.needs + act.may) <= set(words.FIELDS)


def test_the_same_key_is_the_same_act_and_has_one_answer(desk: Desk) -> None:
    ann = desk.clerk()
    card = desk.issued(ann, 0)
    first = desk.do(ann, "top-up", "k1", reader="r", amount_fen=700)
    assert desk.do(ann, "top-up", "k1", reader="r", amount_fen=700) == first
    assert desk.refused(ann, "top-up", "k1", reader="r", amount_fen=701) == (409, "key-used")
    assert desk.refused(ann, "collect", "k1", reader="r") == (409, "key-used")
    assert desk.holds(ann) == 20_700 and first["balance_fen"] == 700
    bob = desk.clerk("bob", 0)
    assert desk.do(bob, "top-up", "k1", reader="r", amount_fen=1)["balance_fen"] == 701, "keys are one's own"
    assert card.uid.hex().upper() == first["uid"]
    holds(desk.shop)


@pytest.mark.parametrize("key", [None, "", "x" * 65, "键", "a\nb", 5])
def test_an_act_without_a_key_is_refused(desk: Desk, key: Any) -> None:
    ann = desk.operator("ann")
    with pytest.raises(Refused) as caught:
        table.do(desk.counter, ann, "open-drawer", key, {"counted_fen": 0})
    assert (caught.value.status, caught.value.code) == (400, "key")


@pytest.mark.parametrize(
    "act, asked, field",
    [
        ("open-drawer", {}, "counted_fen"),
        ("open-drawer", {"counted_fen": -1}, "counted_fen"),
        ("open-drawer", {"counted_fen": True}, "counted_fen"),
        ("open-drawer", {"counted_fen": 0, "shift": 1}, "shift"),
        ("close-drawer", {"counted_fen": 0, "hand_over": 1}, "hand_over"),
        ("move-cash", {"amount_fen": 1, "place": "pocket", "way": "out", "reason": "x"}, "place"),
        ("top-up", {"amount_fen": 0}, "amount_fen"),
        ("top-up", {"amount_fen": 10**9}, "amount_fen"),
        ("top-up", {"amount_fen": 1}, "uid"),
        ("lost", {"uid": "04010203", "reason": ""}, "reason"),
        ("lost", {"uid": "04010203", "reason": "x" * 201}, "reason"),
        ("refund", {"reason": "x"}, "uid"),
        ("replace", {"uid": "0401", "reason": "x"}, "new_uid"),
        ("approve", {"approval": 1, "yes": "yes"}, "yes"),
    ],
)
def test_a_field_that_is_not_right_is_named_and_nothing_is_done(
    desk: Desk, act: str, asked: dict[str, Any], field: str
) -> None:
    ann = desk.operator("ann", "owner")
    with pytest.raises(Refused, match=field) as caught:
        desk.do(ann, act, **asked)
    assert caught.value.status == 400
    assert desk.shop.query("SELECT count(*) FROM transactions") == [(0,)]


def test_above_the_limit_another_person_says_yes_once(desk: Desk) -> None:
    ann, lead = desk.clerk(load=500), desk.operator("lea", "lead")
    card = desk.issued(ann, 500)
    asked: dict[str, Any] = {"reader": "r", "amount_fen": 501}
    waits = desk.do(ann, "top-up", "k", **asked)["waits"]
    assert waits["subject"] == card.uid.hex().upper() and waits["asked_by"] == "ann"
    assert desk.do(ann, "top-up", "k", **asked)["waits"] == waits, "asked again it still waits"
    assert desk.holds(ann) == 20_500
    assert desk.do(lead, "approve", approval=waits["id"], yes=True)["approval"]["state"] == "approved"
    assert desk.do(ann, "top-up", "k", **asked)["balance_fen"] == 1_001
    assert desk.do(ann, "top-up", "k", **asked)["balance_fen"] == 1_001
    assert desk.holds(ann) == 21_001
    assert "waits" in desk.do(ann, "top-up", "another", **asked), "it served once"
    assert desk.refused(lead, "approve", approval=waits["id"], yes=False) == (409, "approval-over")
    holds(desk.shop)


def test_nobody_says_yes_to_his_own_act(desk: Desk) -> None:
    lead = desk.operator("lea", "lead", load=500)
    desk.do(lead, "open-drawer", counted_fen=0)
    desk.place(blank())
    waits = desk.do(lead, "issue", "k", reader="r", amount_fen=501)["waits"]
    assert desk.refused(lead, "approve", approval=waits["id"], yes=True) == (403, "own-act")
    assert "waits" in desk.do(lead, "issue", "k", reader="r", amount_fen=501)


def test_a_no_ends_the_act_and_says_why(desk: Desk) -> None:
    ann, lead = desk.clerk(load=500), desk.operator("lea", "lead")
    desk.issued(ann, 0)
    waits = desk.do(ann, "top-up", "k", reader="r", amount_fen=600)["waits"]
    desk.do(lead, "approve", approval=waits["id"], yes=False, reason="who is that?")
    with pytest.raises(Refused, match=r"lea said no: who is that\?"):
        desk.do(ann, "top-up", "k", reader="r", amount_fen=600)
    assert desk.refused(lead, "approve", approval=waits["id"], yes=True) == (409, "approval-over")
    assert desk.refused(lead, "approve", approval=77, yes=True) == (404, "unknown-approval")
    assert desk.holds(ann) == 20_000


@pytest.mark.parametrize("answered", [False, True])
def test_an_approval_expires(desk: Desk, now: Any, answered: bool) -> None:
    ann, lead = desk.clerk(load=500), desk.operator("lea", "lead")
    desk.issued(ann, 0)
    waits = desk.do(ann, "top-up", "k", reader="r", amount_fen=600)["waits"]
    if answered:
        desk.do(lead, "approve", approval=waits["id"], yes=True)
    now.return_value += EXPIRES_S
    assert desk.refused(ann, "top-up", "k", reader="r", amount_fen=600) == (409, "approval-expired")
    assert desk.refused(lead, "approve", "late", approval=waits["id"], yes=not answered)[0] == 409
    assert desk.holds(ann) == 20_000


def test_whoever_says_yes_needs_the_right_to(desk: Desk) -> None:
    ann, fin = desk.clerk(load=500), desk.operator("fin", "finance")
    card = desk.issued(ann, 500)
    new = desk.place(blank(), "n")
    desk.do(ann, "issue", reader="n")
    desk.shop.connected()
    lost: dict[str, Any] = {"uid": card.uid.hex(), "new_uid": new.uid.hex(), "reason": "gone"}
    lost["accept_exposure"] = True
    waits = desk.do(ann, "replace", "k", **lost)["waits"]
    lead = desk.operator("lea", "lead")
    assert desk.refused(lead, "approve", approval=waits["id"], yes=True) == (403, "right")
    desk.do(fin, "approve", approval=waits["id"], yes=True)
    assert desk.do(ann, "replace", "k", **lost)["waits_fen"] == 500
    holds(desk.shop)
