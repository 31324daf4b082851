"""Account and plain cards over the counter, the last sale given back, and acts as they are kept."""

from typing import Any

import pytest

from host import clock
from host.desk import looking, past
from host.errors import Refused
from host.ledger import waiting
from tests.host.desk.counter import Desk
from tests.host.looks import balance, holds, registered
from tests.host.rig import value_fen
from tests.host.tags import blank_tag


@pytest.mark.parametrize("kind", ["account", "plain"])
def test_a_card_that_holds_no_money_is_made_topped_up_and_paid_out(desk: Desk, kind: str) -> None:
    ann = desk.clerk()
    card: Any = desk.place(blank_tag())  # type: ignore[arg-type]
    made = desk.do(ann, "issue", "k", reader="r", kind=kind, amount_fen=2_000)
    assert (made["kind"], made["state"], made["balance_fen"]) == (kind, "active", 2_000)
    assert desk.do(ann, "issue", "k", reader="r", kind=kind, amount_fen=2_000) == made
    assert desk.refused(ann, "issue", reader="r", kind=kind) == (409, "card-state")
    assert desk.do(ann, "top-up", uid=card.uid.hex(), amount_fen=500)["balance_fen"] == 2_500
    assert desk.do(ann, "look", reader="r")["balance_fen"] == 2_500
    assert desk.holds(ann) == 22_500
    paid = desk.do(ann, "refund", uid=card.uid.hex(), reason="moves away")
    assert (paid["state"], paid["balance_fen"], desk.holds(ann)) == ("returned", 0, 20_000)
    assert desk.refused(ann, "top-up", uid=card.uid.hex(), amount_fen=1) == (409, "card-state")
    holds(desk.shop)


def test_a_plain_card_made_by_an_act_that_was_cut_off_is_finished_by_it(desk: Desk) -> None:
    ann = desk.clerk()
    desk.place(blank_tag())  # type: ignore[arg-type]
    asked: dict[str, Any] = {"reader": "r", "kind": "plain"}
    desk.do(ann, "issue", "first", **asked)
    assert desk.do(ann, "issue", "k", **asked, amount_fen=700)["balance_fen"] == 700, "made just now, empty"
    assert desk.refused(ann, "issue", **asked) == (409, "card-state"), "it has money: it is somebody's"
    bob = desk.clerk("bob", 0)
    assert desk.refused(bob, "issue", **asked) == (409, "card-state")


def test_the_last_sale_goes_back_to_the_card_once(desk: Desk) -> None:
    ann, kiosk = desk.clerk(refund=2_500), desk.shop.connected()
    card = desk.issued(ann, 10_000)
    shown = desk.shop.look(looking.card, registered(desk.shop, card))
    assert shown["last_sale"] is None, "a top-up is no sale"
    desk.shop.tell(kiosk, desk.shop.sale(kiosk, card, 2_500))
    sale = desk.shop.look(looking.card, registered(desk.shop, card))["last_sale"]
    assert sale["amount_fen"] == 2_500
    asked: dict[str, Any] = {"reader": "r", "last_sale": sale["transaction"]}
    assert desk.refused(ann, "refund-sale", **asked, amount_fen=2_501) == (400, "field")
    back = desk.do(ann, "refund-sale", "k", **asked)
    assert (back["given_fen"], back["balance_fen"], back["last_sale"]) == (2_500, 10_000, None)
    assert desk.do(ann, "refund-sale", "k", **asked) == back
    assert desk.do(ann, "refund-sale", **asked)["balance_fen"] == value_fen(card) == 10_000, "not twice"
    assert desk.holds(ann) == 30_000, "no cash moved"
    assert desk.refused(ann, "refund-sale", reader="r", last_sale=1) == (409, "refund")
    assert balance(desk.shop, card) == 10_000
    holds(desk.shop)


def test_above_the_limit_a_second_person_gives_the_sale_back(desk: Desk) -> None:
    ann, lea, kiosk = desk.clerk(refund=2_499), desk.operator("lea", "lead"), desk.shop.connected()
    card = desk.issued(ann, 10_000)
    desk.shop.tell(kiosk, desk.shop.sale(kiosk, card, 2_500))
    sale = desk.shop.look(looking.card, registered(desk.shop, card))["last_sale"]["transaction"]
    waits = desk.do(ann, "refund-sale", "k", reader="r", last_sale=sale)["waits"]
    assert value_fen(card) == 7_500
    desk.do(lea, "approve", approval=waits["id"], yes=True)
    (mine,) = desk.shop.look(past.unfinished, "ann", clock.now_s())
    assert mine["act"] == waits["act"] and mine["approval"]["state"] == "approved"
    assert desk.do(ann, mine["kind"], mine["key"], **mine["asked"])["given_fen"] == 2_500
    assert desk.shop.look(past.unfinished, "ann", clock.now_s()) == []


def test_a_top_up_that_was_cut_off_asks_to_be_finished(desk: Desk) -> None:
    ann = desk.clerk()
    card = desk.issued(ann, 0)
    desk.faults = {"gone_at": 4}
    assert desk.refused(ann, "top-up", "k", reader="r", amount_fen=300) == (409, "card-gone")
    assert desk.refused(ann, "top-up", "unknown", uid="99", amount_fen=300) == (404, "unknown-card")
    (mine,) = desk.shop.look(past.unfinished, "ann", clock.now_s())
    assert (mine["kind"], mine["asked"], mine["answer"]) == (
        "top-up",
        {"reader": "r", "amount_fen": 300},
        None,
    )
    assert desk.shop.look(past.by_key, "ann", "k") == mine
    assert desk.shop.look(past.by_key, "bob", "k") is None
    done = desk.do(ann, "top-up", "k", **mine["asked"])
    assert desk.shop.look(past.find, mine["act"])["answer"] == done
    assert desk.shop.look(past.unfinished, "ann", clock.now_s()) == []
    assert value_fen(card) == 300 and desk.shop.look(waiting.of, card.uid, 1).total_fen == 0
    with pytest.raises(Refused, match="no act 99"):
        desk.shop.look(past.find, 99)
