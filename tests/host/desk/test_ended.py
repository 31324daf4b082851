"""Cards that ended, and what comes to light of them then: paid once, and what nobody may pay is told."""

from typing import Any

import pytest

from host.cards.desk import Desk as Issuing
from host.cards.loads import LoadUnknown
from host.ledger import waiting
from host.ledger.books import book
from host.ledger.chart import HOUSE
from host.operators import Operator
from protocol.wire import online
from simulator.card import DesfireCard
from tests.host.desk.counter import Desk
from tests.host.looks import holds
from tests.host.rig import NOW_S, DirectConnection, blank
from tests.host.terminals.sales.payments import UID, ask, begun


def answer_lost(desk: Desk, who: Operator, card: DesfireCard, act: str, **asked: int) -> None:
    """The card is pulled off the reader in the last moment: it took what the act does, and nobody knows."""
    card.arm_pull("commit-sent")
    with pytest.raises(LoadUnknown):
        desk.do(who, act, reader="r", **asked)
    card.arm_pull(None)


def holds_nothing(desk: Desk, card: DesfireCard) -> None:
    """None of its accounts does, and verify holds."""
    owner = f"card:{card.uid.hex().upper()}:1"
    assert desk.shop.query(f"SELECT sum(abs(balance)) FROM accounts WHERE owner = '{owner}'") == [(0,)]
    holds(desk.shop)


@pytest.mark.parametrize("act", ["replace", "refund"])
def test_what_was_spent_of_a_top_up_whose_answer_was_lost_is_not_paid_again(desk: Desk, act: str) -> None:
    """Pulled off the reader in the last moment, spent, and reported lost."""
    ann, kiosk = desk.clerk(), desk.shop.connected()
    old = desk.issued(ann, 0)
    desk.do(ann, "top-up", uid=old.uid.hex(), amount_fen=5_000)
    answer_lost(desk, ann, old, "collect")
    desk.shop.tell(kiosk, desk.shop.sale(kiosk, old, 2_000))
    asked: dict[str, Any] = {"uid": old.uid.hex(), "reason": "on the bus"}
    desk.do(ann, "lost", **asked)
    desk.hears(kiosk)
    if act == "replace":
        new = desk.issued(ann, 0)
        assert desk.do(ann, "replace", **asked, new_uid=new.uid.hex())["waits_fen"] == 3_000
        assert desk.do(ann, "collect", reader="r")["balance_fen"] == 3_000
    else:
        assert desk.do(ann, "refund", **asked)["end"]["released_fen"] == 3_000
        assert desk.holds(ann) == 22_000
    holds_nothing(desk, old)


@pytest.mark.parametrize("act", ["replace", "refund"])
def test_bonus_that_such_a_sale_took_is_not_given_again(desk: Desk, act: str) -> None:
    """The sale was told while the books knew of neither."""
    ann, kiosk = desk.clerk(), desk.shop.connected()
    old = desk.issued(ann, 0)
    with book(desk.shop.opened.database) as books:
        waiting.take(books, old.uid, 1, 1_000, HOUSE, ann.owner, "x", 300)
    answer_lost(desk, ann, old, "collect")
    desk.shop.tell(kiosk, desk.shop.sale(kiosk, old, 1_100))
    asked: dict[str, Any] = {"uid": old.uid.hex(), "reason": "on the bus"}
    desk.do(ann, "lost", **asked)
    desk.hears(kiosk)
    if act == "replace":
        new = desk.issued(ann, 0)
        assert desk.do(ann, "replace", **asked, new_uid=new.uid.hex())["waits_fen"] == 200
    else:
        assert desk.do(ann, "refund", **asked)["end"]["released_fen"] == 0
    holds_nothing(desk, old)


def lost(desk: Desk, who: Operator, old: DesfireCard, act: str) -> dict[str, Any]:
    """Replaced or paid out at once, though K1 may have taken it: what the act answers."""
    asked: dict[str, Any] = {"uid": old.uid.hex(), "reason": "on the bus", "accept_exposure": True}
    if act == "replace":
        asked["new_uid"] = desk.issued(who, 0).uid.hex()
    else:
        desk.do(who, "lost", uid=old.uid.hex(), reason="on the bus")
    waits = desk.do(who, act, "k", **asked)["waits"]
    desk.do(desk.operator("fin", "finance"), "approve", approval=waits["id"], yes=True)
    return desk.do(who, act, "k", **asked)


def went(desk: Desk) -> dict[str, int]:
    """What is left of the old card's life: the house's losses and what K1 earned."""
    rows = desk.shop.query("SELECT kind, balance FROM accounts WHERE kind IN ('losses', 'sales')")
    return {kind: abs(fen) for kind, fen in rows if fen}


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("turned", [True, False])
@pytest.mark.parametrize("act", ["replace", "refund"])
def test_a_top_up_that_late_sales_prove_is_lost_as_far_as_it_was_spent(
    desk: Desk, act: str, turned: bool, together: bool
) -> None:
    """Spent at a kiosk that tells of it when all was owed and given elsewhere already."""
    ann, kiosk = desk.clerk(), desk.shop.connected()
    old = desk.issued(ann, 1_000)
    desk.do(ann, "top-up", uid=old.uid.hex(), amount_fen=5_000)
    answer_lost(desk, ann, old, "collect")
    untold = [desk.shop.sale(kiosk, old, fen) for fen in (2_000, 3_500)]
    ended = lost(desk, ann, old, act)
    assert (ended["waits_fen"] if act == "replace" else ended["end"]["released_fen"]) == 6_000
    if turned:
        untold.reverse()
    for batch in [untold] if together else [[one] for one in untold]:
        desk.shop.tell(kiosk, *batch)
    assert went(desk) == {"losses": 5_500, "sales": 5_500}
    holds_nothing(desk, old)
    desk.shop.tell(kiosk, *untold)
    assert went(desk) == {"losses": 5_500, "sales": 5_500}, "what is told twice is booked once"


@pytest.mark.parametrize("act", ["replace", "refund"])
def test_a_refund_that_a_late_sale_proves_is_no_loss(desk: Desk, act: str) -> None:
    ann, kiosk = desk.clerk(), desk.shop.connected()
    old = desk.issued(ann, 3_000)
    desk.shop.tell(kiosk, desk.shop.sale(kiosk, old, 2_500))
    ((sale,),) = desk.shop.query("SELECT id FROM transactions WHERE kind = 'sale'")
    answer_lost(desk, ann, old, "refund-sale", last_sale=sale)
    untold = desk.shop.sale(kiosk, old, 2_700)
    lost(desk, ann, old, act)
    desk.shop.tell(kiosk, untold)
    assert went(desk) == {"losses": 200, "sales": 2_700}, "of the 500 that went elsewhere 200 were spent"
    holds(desk.shop)


def test_a_card_that_held_nothing_is_paid_out_once_too(desk: Desk) -> None:
    ann = desk.clerk()
    card = desk.issued(ann, 0)
    asked: dict[str, Any] = {"uid": card.uid.hex(), "reason": "on the bus"}
    desk.do(ann, "lost", **asked)
    shown = desk.do(ann, "refund", "k", **asked)
    assert (shown["state"], shown["end"]["released_fen"]) == ("void", 0)
    assert desk.refused(ann, "refund", **asked) == (409, "card-state")
    assert desk.do(ann, "refund", "k", **asked) == shown
    holds(desk.shop)


def test_a_payment_undone_after_its_card_was_paid_out_with_nothing_is_alarmed(desk: Desk) -> None:
    """It had paid all it held, and its holder is owed that by now."""
    ann, shop = desk.clerk(), desk.shop
    kiosk, number = begun(shop, 2_500)
    assert ask(shop, kiosk, number, 2_500).reason == ""
    assert desk.do(ann, "refund", uid=UID.hex(), reason="moves away")["end"]["released_fen"] == 0
    shop.tell(kiosk, kiosk.message(number, online.REVERSAL, uid=UID, amount_fen=2_500, happened_s=NOW_S))
    assert shop.alarms() == ["reversal-late"]
    holds(shop)


def test_what_a_lost_card_may_hold_counts_against_the_limit_of_who_pays_it_out(desk: Desk) -> None:
    """A machine's top-up whose answer was lost: its cash is the house's, and it is owed now."""
    ann, shop = desk.clerk(float_fen=40_000, refund=1_000), desk.shop
    card = blank()
    card.arm_pull("commit-sent")
    with pytest.raises(LoadUnknown):
        Issuing(shop.opened.database, shop.opened.keeper, DirectConnection(card), "operator:desk").issue(
            30_000
        )
    asked: dict[str, Any] = {"uid": card.uid.hex(), "reason": "on the bus"}
    desk.do(ann, "lost", **asked)
    waits = desk.do(ann, "refund", "k", **asked)["waits"]
    assert (waits["kind"], waits["amount_fen"], desk.holds(ann)) == ("refund", 30_000, 40_000)
    desk.do(desk.operator("fin", "finance"), "approve", approval=waits["id"], yes=True)
    assert desk.do(ann, "refund", "k", **asked)["end"]["released_fen"] == 30_000
    assert desk.holds(ann) == 10_000
    holds(shop)
