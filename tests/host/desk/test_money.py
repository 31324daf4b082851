"""Whatever clerks do, in whatever order: no money but by a right, and the drawer is what was done."""

import contextlib
import random
from typing import Any

import pytest

from protocol.card import layout
from simulator.card import DesfireCard
from tests.host.desk.counter import Desk
from tests.host.looks import holds
from tests.host.rig import Shop, blank, value_fen

LIMIT = 3_000


@pytest.fixture(params=["sqlite"])
def engine(request: pytest.FixtureRequest) -> str:
    """Rules of the program, not of a database: the other tests hold for both."""
    return str(request.param)


def choices(uid: str, other: str, amount: int) -> list[tuple[str, dict[str, Any]]]:
    """What a clerk may do with a card next."""
    return [
        ("top-up", {"reader": "r", "amount_fen": amount}),
        ("top-up", {"uid": uid, "amount_fen": amount}),
        ("collect", {"reader": "r"}),
        ("cancel-top-up", {"uid": uid, "reason": "x"}),
        ("refund", {"reader": "r", "reason": "x"}),
        ("lost", {"uid": uid, "reason": "x"}),
        ("refund", {"uid": uid, "reason": "x"}),
        ("replace", {"uid": uid, "new_uid": other, "reason": "x"}),
        ("issue", {"reader": "r", "amount_fen": amount}),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_no_order_of_acts_makes_money(shop: Shop, seed: int) -> None:
    drawn, desk = random.Random(seed), Desk(shop)
    people = [desk.clerk(name, 5_000, load=LIMIT, refund=LIMIT) for name in ("ann", "bob")]
    lead = desk.operator("lea", "lead")
    cards: list[DesfireCard] = [desk.issued(people[0], 0)]
    approvals: list[tuple[Any, ...]] = []

    def cash() -> int:
        return sum(desk.holds(person) for person in people) - 10_000

    for step in range(60):
        who, card = drawn.choice(people), drawn.choice(cards)
        desk.place(card)
        uid, key = card.uid.hex(), f"{seed}-{step}"
        amount = drawn.randrange(1, 2 * LIMIT)
        weights = (4, 4, 2, 1, 1, 1, 1, 2, 3)
        act, asked = drawn.choices(choices(uid, drawn.choice(cards).uid.hex(), amount), weights)[0]
        if act == "issue":
            cards.append(desk.place(blank(step)))
        if drawn.randrange(10) < 2:
            desk.faults = {"gone_at": drawn.randrange(1, 30), "took_it": drawn.randrange(10) < 5}
        before = cash()
        answer: dict[str, Any] = {}
        with contextlib.suppress(Exception):  # a refusal, a card that was pulled
            answer = desk.do(who, act, key, **asked)
        desk.faults = {}
        if "waits" in answer:
            assert cash() == before, "what waits for a second person moves nothing"
            approvals.append((who, act, key, asked, answer["waits"]["id"], desk.cards["r"]))
        elif answer and act in ("top-up", "issue"):
            assert asked["amount_fen"] <= LIMIT, "above the limit nobody acts alone"
        if approvals and drawn.randrange(10) < 3:
            who, act, key, asked, number, lies = approvals.pop()
            desk.place(lies)
            desk.do(lead, "approve", approval=number, yes=drawn.randrange(10) < 7)
            with contextlib.suppress(Exception):  # refused, or the card is another one by now
                desk.do(who, act, key, **asked)
        owed = shop.query(
            "SELECT CAST(coalesce(sum(balance), 0) AS BIGINT) FROM accounts WHERE kind IN ('card', 'waiting')"
        )[0][0]
        assert owed == cash(), "what customers are owed is what the drawers took, to the fen"
    for card in cards:  # what was left half done is settled by the card
        desk.place(card)
        with contextlib.suppress(Exception):  # nothing is collected by a card that ended
            desk.do(people[0], "collect", reader="r")
    for person in people:
        counted = desk.do(person, "close-drawer", counted_fen=desk.holds(person))
        assert counted["over_fen"] == 0
    total = sum(
        value_fen(card) for card in cards if card.value_fen(layout.AID, layout.FILE_VALUE) is not None
    )
    on_lost = shop.query(
        "SELECT CAST(coalesce(sum(a.value_fen), 0) AS BIGINT) FROM purses p"
        " JOIN accounts a ON a.id = p.account_id WHERE EXISTS (SELECT 1"
        " FROM transactions t WHERE t.kind = 'release' AND t.reference = hex(p.uid) || '.' || p.issue)"
    )[0][0]
    shadow = shop.query("SELECT CAST(sum(balance) AS BIGINT) FROM accounts WHERE kind = 'card'")[0][0] or 0
    assert total - on_lost == shadow, "cards hold what the books say, but for those that were replaced"
    holds(shop)
    done = dict(
        shop.query(
            "SELECT a.kind, count(*) FROM desk_acts a JOIN desk_answers d ON d.act = a.id GROUP BY a.kind"
        )
    )
    assert done["top-up"] > 3 and done["issue"] > 1, "something was done"
