"""A card: what it holds, what waits, what was done to it, and what may be done now."""

from typing import Any

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from host import clock, operators
from host.cards.registry import PURSE
from host.db.engine import Database
from host.desk import looking
from host.desk.words import ACTS
from host.intercom.client import Caller
from host.ledger import lines
from host.web.texts import LANGUAGES

# Which acts a state of a card leads to; those of a purse card alone.
OFFERED = {
    "pending": ("void",),
    "active": (
        "top-up",
        "collect",
        "pass",
        "refund-sale",
        "lost",
        "replace",
        "refund",
        "hot",
        "unlist",
        "void",
    ),
    "lost": ("replace", "refund", "hot", "unlist"),
    "void": ("refund", "hot", "unlist"),
    "returned": ("hot", "unlist"),
    "replaced": ("hot", "unlist"),
}
OF_PURSES = ("collect", "refund-sale", "replace")


def routes(blueprint: Blueprint, database: Database, _intake: Caller, _readers: tuple[str, ...]) -> None:
    """Hang the routes into the blueprint."""

    @blueprint.get("/cards/<name>")
    def card(name: str) -> ResponseReturnValue:
        with database.read() as connection:
            found = looking.card(connection, looking.named(connection, name))
        return render_template(
            "card.html",
            card=found,
            offered=offered(found, g.operator),
            what=_what(),
            may_cancel=[one["pass"] for one in found["passes"] if _may_cancel(one, g.operator)],
        )


def offered(card: dict[str, Any], operator: operators.Operator) -> list[str]:
    """Acts that this operator may do with this card as it is."""
    made = [name for name in OFFERED.get(card["state"], ()) if operators.may(operator, ACTS[name].right)]
    unfit = {"hot" if card["hot"] else "unlist"}
    if card["kind"] != PURSE:
        unfit.update(OF_PURSES)
    if not card["last_sale"]:
        unfit.add("refund-sale")
    if not card["waits_fen"] and not card["pending"]:
        unfit.add("collect")
    elif card["waits_fen"] and not card["pending"] and operators.may(operator, "load"):
        made.insert(min(2, len(made)), "cancel-top-up")
    if card["end"]:
        unfit.update(("refund", "replace"))
    return [name for name in made if name not in unfit]


def _may_cancel(one: dict[str, Any], operator: operators.Operator) -> bool:
    """May this operator take this pass back, as it is now?"""
    over = one["ended_at"] is not None or (one["until"] is not None and one["until"] <= clock.now_s())
    right = "load" if one["who"] == operator.owner else "void"
    return not over and all(operators.may(operator, needed) for needed in ("load", right))


def _what() -> dict[str, str]:
    """What a movement is called, as the ledger's own list has it."""
    place = list(LANGUAGES).index(g.language)
    return {kind: names[place] for kind, names in lines.WHAT.items()}
