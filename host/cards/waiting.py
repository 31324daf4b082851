"""Top-ups taken at a desk: those of a purse wait for it, are looked at, given back before they were sent."""

from typing import Any

from host.cards import registry
from host.cards.admission import must_be_welcome
from host.cards.registry import Card
from host.db.connection import Connection
from host.errors import Refused
from host.ledger import accounts, held, waiting, wanted
from host.ledger.books import Books
from host.ledger.terms import LedgerError
from host.ledger.waiting import Waiting
from host.ledger.wanted import Wait
from protocol.card.layout import VALUE_FEN_MAX


def take(
    books: Books, uid: bytes, amount_fen: int, cash_of: str, who: str, reference: str, bonus_fen: int = 0
) -> Card:
    """The cash of `cash_of` has it; the card gets it at its next online tap, or has it, when all its money is
    in the books. Refused, RegistryError, AlreadyBooked. bonus_fen is given beside the amount, to a purse."""
    connection = books.connection
    card = registry.known(connection, uid)
    if card.state != "active":
        raise Refused(409, "card-state", f"Card {card.uid_hex} is {card.state}: it is not topped up.")
    must_be_welcome(connection, uid)
    if card.kind != registry.PURSE:
        held.load(books, uid, card.issue, amount_fen, cash_of, who, reference)
        return card
    there_fen = accounts.card_balance(connection, uid, card.issue) or 0
    there_fen += waiting.of(connection, uid, card.issue).total_fen
    if there_fen + amount_fen + bonus_fen > VALUE_FEN_MAX:
        sentence = f"Card {card.uid_hex} may hold at most {VALUE_FEN_MAX} fen, with what waits for it."
        raise Refused(409, "value", sentence)
    waiting.take(books, uid, card.issue, amount_fen, cash_of, who, reference, bonus_fen)
    return card


def give_back(books: Books, uid: bytes, cash_of: str, who: str, reference: str) -> Waiting:
    """All that waits for a card, out of this cash. Refused when nothing does, or it may be on the card."""
    card = registry.known(books.connection, uid)
    try:
        return waiting.give_back(books, uid, card.issue, cash_of, who, reference)
    except LedgerError as error:
        raise Refused(409, "not-waiting", f"Nothing is given back: {error}.") from None


def to_json(wait: Wait, now_s: int) -> dict[str, Any]:
    """{uid, amount_fen, who, since, age_s}"""
    return {
        "uid": wait.uid.hex().upper(),
        "amount_fen": wait.amount_fen,
        "who": wait.who,
        "since": wait.since_s,
        "age_s": max(0, now_s - wait.since_s),
    }


def all_(connection: Connection, now_s: int) -> list[dict[str, Any]]:
    """All that waits, the oldest first."""
    return [to_json(wait, now_s) for wait in wanted.waits(connection)]
