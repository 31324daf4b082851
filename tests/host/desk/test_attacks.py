"""What a customer or a clerk tries in order to get money twice, or another's."""

from typing import Any

import pytest
from pytest_mock import MockerFixture

from host.cards import plain
from host.cards.loads import LoadUnknown
from host.desk import approvals
from host.ledger.books import book
from protocol.card import layout
from tests.host.desk.counter import Desk
from tests.host.looks import balance, holds
from tests.host.rig import NOW_S, value_fen
from tests.host.tags import blank_tag


@pytest.fixture
def now(mocker: MockerFixture) -> Any:
    return mocker.patch("host.clock.now_s", return_value=NOW_S)


def test_a_card_spent_where_nobody_told_it_yet_is_not_paid_out(desk: Desk) -> None:
    ann, kiosk = desk.clerk(), desk.shop.connected()
    card = desk.issued(ann, 2_500)
    untold = desk.shop.sale(kiosk, card, 2_500)
    assert desk.refused(ann, "refund", "k", reader="r", reason="x") == (409, "card-ahead")
    assert (desk.holds(ann), balance(desk.shop, card)) == (22_500, 2_500)
    desk.shop.tell(kiosk, untold)
    assert desk.do(ann, "refund", "k", reader="r", reason="x")["end"]["released_fen"] == 0
    assert desk.holds(ann) == 22_500
    holds(desk.shop)


def test_a_fen_of_one_s_own_gives_nobody_what_another_took(desk: Desk) -> None:
    ann, bob = desk.clerk(), desk.clerk("bob", 5_000)
    card = desk.issued(ann, 0)
    uid = card.uid.hex()
    desk.do(ann, "top-up", uid=uid, amount_fen=700)
    desk.do(bob, "top-up", uid=uid, amount_fen=1)
    assert desk.refused(bob, "cancel-top-up", uid=uid, reason="x") == (403, "right")
    assert desk.holds(bob) == 5_001
    assert desk.do(ann, "collect", reader="r")["balance_fen"] == 701
    desk.do(bob, "top-up", uid=uid, amount_fen=2)
    assert desk.do(bob, "cancel-top-up", uid=uid, reason="x")["waits_fen"] == 0, "all of it his own by now"
    holds(desk.shop)


def test_what_a_replaced_card_held_is_paid_out_by_no_cancelling(desk: Desk) -> None:
    ann, lead = desk.clerk(refund=1_000), desk.operator("lea", "lead", refund=1_000)
    old, new = desk.issued(ann, 10_000), desk.issued(ann, 0)
    asked: dict[str, Any] = {"uid": new.uid.hex(), "reason": "x"}
    desk.do(ann, "replace", uid=old.uid.hex(), new_uid=new.uid.hex(), reason="x")
    assert desk.refused(ann, "cancel-top-up", **asked) == (403, "right")
    desk.do(lead, "open-drawer", counted_fen=20_000)
    waits = desk.do(lead, "cancel-top-up", "k", **asked)["waits"]
    assert (waits["kind"], waits["amount_fen"], desk.holds(lead)) == ("refund", 10_000, 20_000)
    desk.do(desk.operator("fin", "finance"), "approve", approval=waits["id"], yes=True)
    assert desk.do(lead, "cancel-top-up", "k", **asked)["waits_fen"] == 0
    assert desk.holds(lead) == 10_000
    holds(desk.shop)


def test_a_top_up_that_may_be_on_a_lost_card_counts_as_exposed(desk: Desk) -> None:
    ann = desk.clerk()
    old = desk.issued(ann, 0)
    desk.do(ann, "top-up", uid=old.uid.hex(), amount_fen=5_000)
    old.arm_pull("commit-sent")
    with pytest.raises(LoadUnknown):
        desk.do(ann, "collect", reader="r")
    new = desk.issued(ann, 0)
    desk.shop.connected()
    asked: dict[str, Any] = {"uid": old.uid.hex(), "new_uid": new.uid.hex(), "reason": "gone"}
    assert desk.refused(ann, "replace", **asked) == (409, "exposure"), "K1 could still take it"
    waits = desk.do(ann, "replace", accept_exposure=True, **asked)["waits"]
    assert waits["amount_fen"] == 5_000
    holds(desk.shop)


def test_a_drawer_promises_no_more_than_it_holds(desk: Desk) -> None:
    ann, lead = desk.clerk(float_fen=0), desk.operator("lea", "lead")
    first, second = desk.issued(ann, 300), desk.issued(ann, 300)
    desk.do(lead, "move-cash", shift=1, amount_fen=200, place="safe", way="out", reason="x")
    desk.place(first).arm_pull("commit-sent")
    with pytest.raises(LoadUnknown, match=r"the payout of \d+ fen stays pending"):
        desk.do(ann, "refund", "k", reader="r", reason="x")
    desk.place(second)
    assert desk.refused(ann, "refund", reader="r", reason="x") == (409, "drawer-short"), "300 are promised"
    asked: dict[str, Any] = {"shift": 1, "amount_fen": 200, "place": "safe", "way": "out", "reason": "x"}
    assert desk.refused(lead, "move-cash", **asked) == (409, "drawer")
    desk.place(first)
    desk.do(ann, "refund", "k", reader="r", reason="x")
    assert desk.holds(ann) == 100
    holds(desk.shop)


def test_a_drawer_closed_while_the_card_is_read_pays_nothing(desk: Desk, mocker: MockerFixture) -> None:
    ann = desk.clerk()
    card = desk.issued(ann, 300)

    def meanwhile(*_: object) -> None:
        desk.do(ann, "close-drawer", counted_fen=20_300)

    mocker.patch("host.cards.payouts.Payouts._settle", side_effect=meanwhile)
    assert desk.refused(ann, "refund", reader="r", reason="x") == (409, "drawer")
    assert value_fen(card) == 300
    holds(desk.shop)


def test_a_payout_is_of_what_was_looked_at(desk: Desk, mocker: MockerFixture) -> None:
    ann = desk.clerk(refund=500)
    card = desk.issued(ann, 400)

    def meanwhile(*_: object) -> None:
        desk.do(ann, "top-up", uid=card.uid.hex(), amount_fen=200)

    mocker.patch("host.cards.payouts.Payouts._settle", side_effect=meanwhile)
    assert desk.refused(ann, "refund", reader="r", reason="x") == (409, "changed"), "600 is above the limit"
    assert desk.holds(ann) == 20_200
    holds(desk.shop)


def test_cash_that_was_taken_is_the_card_s_whatever_came_in_between(desk: Desk, now: Any) -> None:
    ann, lead = desk.clerk(load=500), desk.operator("lea", "lead")
    most = layout.VALUE_FEN_MAX
    desk.issued(ann, 0)
    waits = desk.do(ann, "top-up", "k", reader="r", amount_fen=most)["waits"]
    desk.do(lead, "approve", approval=waits["id"], yes=True)
    desk.cards["r"].arm_pull("commit-sent")
    with pytest.raises(LoadUnknown):
        desk.do(ann, "top-up", "k", reader="r", amount_fen=most)
    now.return_value += approvals.EXPIRES_S + 1
    desk.do(ann, "close-drawer", counted_fen=20_000 + most)
    mine = desk.cards["r"]
    other = desk.issued(desk.clerk("bob"), 0)
    assert desk.refused(ann, "top-up", "k", reader="r", amount_fen=most) == (409, "other-card")
    assert value_fen(other) == 0
    desk.place(mine)
    assert desk.do(ann, "top-up", "k", reader="r", amount_fen=most)["balance_fen"] == most
    assert value_fen(mine) == most
    holds(desk.shop)


def test_cash_for_a_card_that_holds_none_itself_is_there_at_once(desk: Desk) -> None:
    ann = desk.clerk()
    with book(desk.shop.opened.database) as books:
        plain.register(books, bytes.fromhex("00A1B2C3"), "operator:ann")
    asked: dict[str, Any] = {"uid": "00A1B2C3", "amount_fen": 700}
    shown = desk.do(ann, "top-up", "k", **asked)
    assert (shown["balance_fen"], shown["waits_fen"], desk.holds(ann)) == (700, 0, 20_700)
    assert desk.do(ann, "top-up", "k", **asked) == shown
    paid = desk.do(ann, "refund", uid="00A1B2C3", reason="moves away")
    assert (paid["end"]["released_fen"], desk.holds(ann)) == (700, 20_000)
    holds(desk.shop)


def test_one_second_person_says_yes_to_a_refund_above_the_limit_and_what_it_exposes(desk: Desk) -> None:
    ann, fin = desk.clerk(refund=100), desk.operator("fin", "finance")
    card = desk.issued(ann, 400)
    desk.shop.connected()
    desk.do(ann, "lost", uid=card.uid.hex(), reason="gone")
    asked: dict[str, Any] = {"uid": card.uid.hex(), "reason": "gone", "accept_exposure": True}
    waits = desk.do(ann, "refund", "k", **asked)["waits"]
    assert (waits["kind"], waits["amount_fen"]) == ("exposure", 400)
    desk.do(fin, "approve", approval=waits["id"], yes=True)
    assert desk.do(ann, "refund", "k", **asked)["end"]["released_fen"] == 400
    holds(desk.shop)


def test_a_plain_card_that_was_paid_for_is_finished_by_its_act(desk: Desk, mocker: MockerFixture) -> None:
    ann = desk.clerk()
    desk.place(blank_tag())  # type: ignore[arg-type]
    asked: dict[str, Any] = {"reader": "r", "kind": "plain", "amount_fen": 700}
    killed = mocker.patch("host.desk.topup._shown", side_effect=SystemExit)
    with pytest.raises(SystemExit):
        desk.do(ann, "issue", "k", **asked)
    mocker.stop(killed)
    assert desk.do(ann, "issue", "k", **asked)["balance_fen"] == 700
    assert desk.holds(ann) == 20_700
    holds(desk.shop)


def test_a_card_that_is_made_anew_is_asked_first_what_nobody_told(desk: Desk) -> None:
    ann, boss, kiosk = desk.clerk(), desk.operator("boss", "owner"), desk.shop.connected()
    card = desk.issued(ann, 5_000)
    untold = desk.shop.sale(kiosk, card, 2_500)
    asked: dict[str, Any] = {"uid": card.uid.hex(), "reason": "gone"}
    desk.do(boss, "void", **asked)
    desk.do(boss, "unlist", **asked)
    assert desk.refused(ann, "issue", reader="r") == (409, "card-owes")
    desk.do(boss, "hot", **asked)
    waits = desk.do(ann, "refund", "k", accept_exposure=True, **asked)["waits"]
    desk.do(boss, "approve", approval=waits["id"], yes=True)
    assert desk.do(ann, "refund", "k", accept_exposure=True, **asked)["end"]["released_fen"] == 5_000
    desk.do(boss, "unlist", **asked)
    desk.place(card)
    assert desk.do(ann, "issue", reader="r")["issue"] == 2
    assert balance(desk.shop, card) == 0
    kinds = dict(desk.shop.query("SELECT kind, balance FROM accounts WHERE kind IN ('losses', 'sales')"))
    assert kinds == {"losses": -2_500, "sales": 2_500}, "the card told of it before it was wiped"
    desk.shop.tell(kiosk, untold)
    assert kinds == dict(
        desk.shop.query("SELECT kind, balance FROM accounts WHERE kind IN ('losses', 'sales')")
    )
    holds(desk.shop)
