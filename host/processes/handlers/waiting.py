"""Top-ups for cards that are not there, as machines have them taken and given back: of the house's cash."""

import secrets
from typing import Any

from host import fields
from host.cards import waiting
from host.cards.registry import RegistryError
from host.errors import Refused
from host.ledger.books import book
from host.ledger.chart import HOUSE
from host.processes.handlers.asked import Asked, Task
from protocol.card.layout import VALUE_FEN_MAX


def take(asked: Asked) -> dict[str, Any]:
    """{uid, amount_fen}"""
    operator = asked.machine("top-up")
    content = asked.body("amount_fen")
    uid = fields.uid(asked.fields["uid"])
    amount_fen = fields.integer(content, "amount_fen", 1, VALUE_FEN_MAX)
    if amount_fen > operator.load_limit_fen:
        sentence = f"amount_fen is above what {operator.name} may load: {operator.load_limit_fen}."
        raise Refused(403, "limit", sentence)
    asked.not_full()
    try:
        with book(asked.service.database) as books:
            card = waiting.take(books, uid, amount_fen, HOUSE, operator.owner, _reference())
    except RegistryError as error:
        raise Refused(409, error.code, str(error)) from None
    asked.service.intake.push()
    return {"uid": card.uid_hex, "amount_fen": amount_fen}


def give_back(asked: Asked) -> dict[str, Any]:
    """{uid, amount_fen}: all that waited for the card."""
    operator = asked.machine("cancel-top-up")
    uid = fields.uid(asked.fields["uid"])
    asked.not_full()
    with book(asked.service.database) as books:
        found = waiting.give_back(books, uid, HOUSE, operator.owner, _reference())
    asked.service.intake.push()
    return {"uid": uid.hex().upper(), "amount_fen": found.principal_fen}


def _reference() -> str:
    return f"call.{secrets.token_hex(8)}"


HANDLERS: dict[str, Task] = {"take top-up": take, "give top-up back": give_back}
