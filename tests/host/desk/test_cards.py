"""A card's way over the counter: issued, topped up, lost, replaced, paid out, ended."""

from typing import Any

import pytest
from pytest_mock import MockerFixture

from host.cards import hotlist
from host.desk import looking
from host.ledger import waiting
from host.ledger.books import book
from protocol.wire.messages import ACK
from tests.host.desk.counter import Desk
from tests.host.looks import balance, faults, flags, holds, registered
from tests.host.rig import DirectConnection, blank, value_fen


def totals(desk: Desk) -> dict[str, int]:
    """What the books hold by kind of account, as people say it: what the house has is above zero."""
    rows = desk.shop.query("SELECT kind, CAST(sum(balance) AS BIGINT) FROM accounts GROUP BY kind")
    return {kind: -total if kind in ("cash", "losses", "given") else total for kind, total in rows if total}


def test_a_card_is_issued_topped_up_and_looked_at(desk: Desk) -> None:
    ann = desk.clerk()
    card = desk.issued(ann, 10_000)
    shown = desk.do(ann, "top-up", reader="r", amount_fen=500, uid=card.uid.hex())
    assert (shown["balance_fen"], shown["waits_fen"], shown["state"]) == (10_500, 0, "active")
    assert value_fen(card) == 10_500 and desk.holds(ann) == 30_500
    assert [move["amount_fen"] for move in shown["movements"]] == [500, 10_000]
    assert [state["state"] for state in shown["states"]] == ["pending", "active"]
    assert {state["who"] for state in shown["states"]} == {"operator:ann"}
    assert desk.do(ann, "look", reader="r")["number"] == shown["number"]
    assert desk.do(ann, "look", reader=desk.place(blank(), "n") and "n")["known"] is False
    assert totals(desk) == {"card": 10_500, "cash": 10_500}
    holds(desk.shop)


def test_a_top_up_waits_for_the_card_and_is_collected_or_given_back(desk: Desk) -> None:
    ann, bob, lead = desk.clerk(), desk.clerk("bob", 0), desk.operator("lea", "lead")
    card = desk.issued(ann, 0)
    uid = card.uid.hex()
    assert desk.do(ann, "top-up", uid=uid, amount_fen=700)["waits_fen"] == 700
    assert (desk.holds(ann), value_fen(card)) == (20_700, 0)
    assert desk.do(ann, "collect", reader="r")["balance_fen"] == 700
    desk.do(ann, "top-up", uid=uid, amount_fen=300)
    assert desk.refused(bob, "cancel-top-up", uid=uid, reason="x") == (403, "right")
    desk.do(lead, "open-drawer", counted_fen=1_000)
    given = desk.do(lead, "cancel-top-up", "c", uid=uid, reason="changed his mind")
    assert desk.do(lead, "cancel-top-up", "c", uid=uid, reason="changed his mind") == given
    assert (desk.holds(ann), desk.holds(lead), value_fen(card)) == (21_000, 700, 700)
    assert desk.refused(lead, "cancel-top-up", uid=uid, reason="x") == (409, "books"), "nothing waits"
    assert totals(desk) == {"card": 700, "cash": 700}
    holds(desk.shop)


def test_a_top_up_that_may_be_on_the_card_is_neither_given_back_nor_repeated(desk: Desk) -> None:
    ann = desk.clerk()
    card = desk.issued(ann, 0)
    card.arm_pull("commit-sent")
    asked: dict[str, Any] = {"reader": "r", "amount_fen": 800}
    with pytest.raises(Exception, match="stays pending"):
        desk.do(ann, "top-up", "k", **asked)
    assert desk.refused(ann, "cancel-top-up", uid=card.uid.hex(), reason="x") == (409, "books")
    assert desk.do(ann, "top-up", "k", **asked)["balance_fen"] == 800
    assert (value_fen(card), desk.holds(ann)) == (800, 20_800)
    holds(desk.shop)


def apdus(desk: Desk, who: Any, act: str, **asked: Any) -> int:
    """How many a session of this act sends."""
    seen: list[DirectConnection] = []
    make = DirectConnection.__init__

    def made(self: DirectConnection, *given: Any, **more: Any) -> None:
        make(self, *given, **more)
        seen.append(self)

    DirectConnection.__init__ = made  # type: ignore[method-assign]
    try:
        desk.do(who, act, **asked)
    finally:
        DirectConnection.__init__ = make  # type: ignore[method-assign]
    return seen[-1].sent


@pytest.mark.parametrize("took_it", [False, True])
def test_a_top_up_is_finished_by_its_key_wherever_the_card_is_pulled(desk: Desk, took_it: bool) -> None:
    ann = desk.clerk(load=10**6)
    card = desk.issued(ann, 0)
    total = apdus(desk, ann, "top-up", reader="r", amount_fen=100)
    for at in range(1, total + 1):
        desk.faults = {"gone_at": at, "took_it": took_it}
        key = f"pull-{at}"
        with pytest.raises(Exception):  # noqa: B017
            desk.do(ann, "top-up", key, reader="r", amount_fen=100)
        shown = desk.do(ann, "top-up", key, reader="r", amount_fen=100)
        assert shown["balance_fen"] == value_fen(card) == 100 * (at + 1), at
        assert desk.holds(ann) == 20_000 + 100 * (at + 1), at
    holds(desk.shop)


@pytest.mark.parametrize("step", ["host.ledger.loads.post_load", "host.desk.looking.card"])
def test_a_host_killed_between_card_and_books_finishes_by_the_same_key(
    desk: Desk, mocker: MockerFixture, step: str
) -> None:
    ann = desk.clerk()
    card = desk.issued(ann, 0)
    mocker.patch(step, side_effect=KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        desk.do(ann, "top-up", "k", reader="r", amount_fen=900)
    mocker.stopall()
    assert value_fen(card) == 900
    assert desk.do(ann, "top-up", "k", reader="r", amount_fen=900)["balance_fen"] == 900
    assert (value_fen(card), desk.holds(ann)) == (900, 20_900)
    holds(desk.shop)


def test_a_lost_card_is_replaced_when_every_kiosk_has_told_all(desk: Desk) -> None:
    ann, kiosk = desk.clerk(), desk.shop.connected()
    old = desk.issued(ann, 10_000)
    unsent = desk.shop.sale(kiosk, old, 2_500)
    desk.do(ann, "lost", uid=old.uid.hex(), reason="on the bus")
    desk.place(blank(), "n")
    new = desk.cards["n"]
    desk.do(ann, "issue", reader="n")
    asked: dict[str, Any] = {"uid": old.uid.hex(), "reader": "n", "reason": "on the bus"}
    assert desk.refused(ann, "replace", "k", **asked) == (409, "exposure"), "K1 does not know of it"
    desk.hears(kiosk)
    assert desk.refused(ann, "replace", "k", **asked) == (409, "exposure"), "K1 has a sale in its journal"
    desk.shop.tell(kiosk, unsent)
    shown = desk.do(ann, "replace", "k", **asked)
    assert shown["balance_fen"] == value_fen(new) == 7_500
    assert desk.do(ann, "replace", "k", **asked) == shown
    assert registered(desk.shop, old).state == "replaced" and balance(desk.shop, old) == 0
    ended = desk.shop.look(looking.card, registered(desk.shop, old))["end"]
    assert (ended["what"], ended["released_fen"], ended["exposure"]) == ("replaced", 7_500, [])
    assert desk.refused(ann, "replace", **asked) == (409, "card-state")
    assert totals(desk) == {"card": 7_500, "cash": 10_000, "sales": 2_500}
    holds(desk.shop)


def test_an_accepted_exposure_is_named_and_late_debits_are_the_house_s_loss(desk: Desk) -> None:
    ann, fin, kiosk = desk.clerk(), desk.operator("fin", "finance"), desk.shop.connected()
    old = desk.issued(ann, 10_000)
    late = desk.shop.sale(kiosk, old, 2_500)
    new = desk.place(blank(), "n")
    desk.do(ann, "issue", reader="n")
    asked: dict[str, Any] = {"uid": old.uid.hex(), "new_uid": new.uid.hex(), "reason": "gone"}
    asked["accept_exposure"] = True
    waits = desk.do(ann, "replace", "k", **asked)["waits"]
    assert waits["kind"] == "exposure" and "K1" in waits["reason"] and waits["amount_fen"] == 10_000
    desk.do(fin, "approve", approval=waits["id"], yes=True)
    assert desk.do(ann, "replace", "k", **asked)["waits_fen"] == 10_000
    assert desk.do(ann, "collect", reader="n")["balance_fen"] == value_fen(new) == 10_000
    assert faults(desk.shop) == {}
    assert ACK in desk.shop.tell(kiosk, late)
    assert balance(desk.shop, old) == 0 and "replaced" in flags(desk.shop, old)
    assert totals(desk) == {"card": 10_000, "cash": 10_000, "sales": 2_500, "losses": 2_500}
    holds(desk.shop)


def test_what_waits_for_a_lost_card_and_a_top_up_whose_answer_was_lost_go_over_too(desk: Desk) -> None:
    ann = desk.clerk()
    old = desk.issued(ann, 1_000)
    old.arm_pull("commit-sent")
    with pytest.raises(Exception, match="stays pending"):
        desk.do(ann, "top-up", reader="r", amount_fen=200)
    new = desk.place(blank(), "n")
    desk.do(ann, "issue", reader="n")
    asked: dict[str, Any] = {"uid": old.uid.hex(), "reader": "n", "reason": "gone"}
    assert desk.do(ann, "replace", **asked)["balance_fen"] == value_fen(new) == 1_200
    assert totals(desk) == {"card": 1_200, "cash": 1_200}
    holds(desk.shop)


def test_bonus_goes_over_as_bonus(desk: Desk) -> None:
    ann = desk.clerk()
    old, new = desk.issued(ann, 0), None
    with book(desk.shop.opened.database) as books:
        waiting.take(books, old.uid, 1, 1_000, "shift:1", "operator:ann", "x", bonus_fen=200)
    desk.do(ann, "collect", reader="r")
    new = desk.place(blank(), "n")
    desk.do(ann, "issue", reader="n")
    desk.do(ann, "replace", uid=old.uid.hex(), reader="n", reason="broken")
    assert value_fen(new) == 1_200
    assert totals(desk) == {"card": 1_000, "bonus": 200, "cash": 1_000, "given": 200}
    paid = desk.do(ann, "refund", reader="n", reason="moves away")
    assert (paid["state"], paid["end"]["released_fen"], value_fen(new)) == ("returned", 1_000, 0)
    assert totals(desk) == {}
    assert desk.holds(ann) == 20_000
    holds(desk.shop)


def test_a_card_is_paid_out_once_and_may_be_issued_anew(desk: Desk) -> None:
    ann = desk.clerk()
    card = desk.issued(ann, 5_000)
    desk.do(ann, "top-up", uid=card.uid.hex(), amount_fen=300)
    shown = desk.do(ann, "refund", "k", reader="r", reason="moves away")
    assert (shown["state"], shown["end"]["released_fen"], shown["balance_fen"]) == ("returned", 5_300, 0)
    assert shown["last_sale"] is None, "what was paid out is no sale"
    assert (value_fen(card), desk.holds(ann), totals(desk)) == (0, 20_000, {})
    assert desk.do(ann, "refund", "k", reader="r", reason="moves away") == shown
    assert desk.refused(ann, "refund", reader="r", reason="again") == (409, "card-state")
    assert desk.refused(ann, "top-up", reader="r", amount_fen=1)[0] == 409
    holds(desk.shop)


@pytest.mark.parametrize("took_it", [False, True])
def test_a_payout_is_finished_by_its_key_wherever_the_card_is_pulled(desk: Desk, took_it: bool) -> None:
    ann = desk.clerk()
    desk.issued(ann, 100)
    total = apdus(desk, ann, "refund", reader="r", reason="x")
    for at in range(1, total + 1):
        card = desk.issued(ann, 100)
        desk.faults = {"gone_at": at, "took_it": took_it}
        with pytest.raises(Exception):  # noqa: B017
            desk.do(ann, "refund", f"pull-{at}", reader="r", reason="x")
        shown = desk.do(ann, "refund", f"pull-{at}", reader="r", reason="x")
        assert (shown["state"], shown["end"]["released_fen"], value_fen(card)) == ("returned", 100, 0), at
        assert desk.holds(ann) == 20_000, at
    holds(desk.shop)


def test_a_refund_above_the_limit_needs_another(desk: Desk) -> None:
    ann, lead = desk.clerk(refund=500), desk.operator("lea", "lead")
    card = desk.issued(ann, 501)
    waits = desk.do(ann, "refund", "k", reader="r", reason="x")["waits"]
    assert (waits["kind"], waits["amount_fen"], value_fen(card)) == ("refund", 501, 501)
    desk.do(lead, "approve", approval=waits["id"], yes=True)
    assert desk.do(ann, "refund", "k", reader="r", reason="x")["state"] == "returned"
    holds(desk.shop)


def test_without_the_card_a_refund_goes_the_way_of_a_loss(desk: Desk) -> None:
    ann = desk.clerk()
    card = desk.issued(ann, 400)
    asked: dict[str, Any] = {"uid": card.uid.hex(), "reason": "eaten by the dog"}
    assert desk.refused(ann, "refund", **asked) == (409, "card-state")
    desk.do(ann, "lost", **asked)
    kiosk = desk.shop.connected()
    assert desk.refused(ann, "refund", "k", **asked) == (409, "exposure")
    desk.hears(kiosk)
    shown = desk.do(ann, "refund", "k", **asked)
    assert (shown["state"], shown["end"]["released_fen"], desk.holds(ann)) == ("void", 400, 20_000)
    assert desk.do(ann, "refund", "k", **asked) == shown
    assert desk.refused(ann, "refund", **asked) == (409, "card-state"), "once"
    holds(desk.shop)


def test_hotlist_void_and_unlist_are_of_those_who_may(desk: Desk) -> None:
    lead, boss = desk.operator("lea", "lead"), desk.operator("boss", "owner")
    ann = desk.clerk()
    card = desk.issued(ann, 300)
    uid = card.uid.hex()
    kiosk = desk.shop.connected()
    assert desk.do(lead, "hot", uid=uid, reason="odd")["hot"] is True
    version = desk.shop.look(hotlist.version)
    assert desk.refused(ann, "top-up", reader="r", amount_fen=1) == (409, "hotlisted")
    assert desk.do(boss, "unlist", uid=uid, reason="was fine")["hot"] is False
    assert desk.shop.look(hotlist.version) == version + 1, "a removal has a number of its own"
    assert desk.shop.look(hotlist.uids) == []
    desk.hears(kiosk)
    assert desk.do(boss, "unlist", uid=uid, reason="x")["changed"] is False
    assert desk.do(ann, "top-up", reader="r", amount_fen=1)["balance_fen"] == 301
    assert desk.do(lead, "hot", uid=uid, reason="odd again")["hot"] is True
    assert desk.shop.look(hotlist.uids) == [card.uid]
    voided = desk.do(lead, "void", "v", uid=uid, reason="broken")
    assert (voided["state"], voided["balance_fen"], voided["hot"]) == ("void", 301, True)
    desk.hears(kiosk)
    assert desk.do(ann, "refund", uid=uid, reason="broken")["end"]["released_fen"] == 301
    assert desk.do(lead, "hot", uid="04FFFFFF", reason="a stranger's")["hot"] is True
    assert desk.refused(lead, "hot", uid="nothing", reason="x") == (404, "unknown-card")
    assert desk.refused(ann, "lost", uid="000000000099", reason="x")[0] in (404, 409)
    holds(desk.shop)


def test_another_card_on_the_reader_is_told(desk: Desk) -> None:
    ann = desk.clerk()
    first = desk.issued(ann, 0)
    desk.issued(ann, 0)
    asked: dict[str, Any] = {"reader": "r", "uid": first.uid.hex(), "amount_fen": 5}
    assert desk.refused(ann, "top-up", **asked) == (409, "other-card")
    assert desk.holds(ann) == 20_000
