"""A card paid out and ended: its principal out of the clerk's drawer, its bonus back to where it came from.

With the card on a reader its value is taken off it, which the card proves. Without the card it is first lost,
and paid out under the rules of a replacement.
"""

from functools import partial
from typing import Any

from host.cards import registry
from host.cards.payouts import Payouts
from host.cards.readers import CardConnection
from host.cards.registry import Card
from host.db.connection import Connection
from host.desk import approvals, drawer, looking, loss, replacement
from host.desk.acts import Act, Counter
from host.errors import Refused
from host.ledger import accounts, loads, waiting
from host.ledger.books import book

MORE = "The card holds more than a moment ago: ask for the refund anew, with a new key."


def refund(counter: Counter, act: Act) -> dict[str, Any]:
    """looking.card() as it then is, with its end: what was paid."""
    if "reader" in act.asked:
        with counter.reader(act.asked["reader"]) as there:
            return _off_the_card(counter, act, there)
    if "uid" not in act.asked:
        raise Refused(400, "field", "Name the card by uid, or the reader where it lies.")
    return _without_the_card(counter, act)


def _off_the_card(counter: Counter, act: Act, there: CardConnection) -> dict[str, Any]:
    with counter.database.read() as connection:
        card = registry.known(connection, there.uid)
        if "uid" in act.asked and looking.named(connection, act.asked["uid"]).uid != card.uid:
            wanted = act.asked["uid"]
            raise Refused(409, "other-card", f"Card {card.uid_hex} lies on the reader, not {wanted}.")
        if replacement.is_done(connection, card, act):
            return looking.card(connection, card)
        if card.state != "active" or card.kind != registry.PURSE:
            sentence = (
                f"Card {card.uid_hex} is {card.state}, a {card.kind} card: refund it without the reader."
            )
            raise Refused(409, "card-state", sentence)
        owed_fen = _owed_fen(connection, card)
        left_fen = owed_fen - loads.paid_out_fen(connection, card.uid, card.issue)
        drawer.till(connection, act.operator)
    _allowed(counter, act, card, owed_fen)
    till = partial(_till, act, left_fen)
    Payouts(counter.database, counter.keeper, there, act.who).take_off(card, till)
    _end(counter, act, card, "returned", (), owed_fen)
    return _shown(counter, card)


def _without_the_card(counter: Counter, act: Act) -> dict[str, Any]:
    with counter.database.read() as connection:
        card = looking.named(connection, act.asked["uid"])
        if replacement.is_done(connection, card, act):
            return looking.card(connection, card)
        owed_fen = _owed_fen(connection, card)
        drawer.till(connection, act.operator)
        free = ("active", "lost", "void") if card.kind != registry.PURSE else ("lost", "void")
        if card.state not in free or waiting.released(connection, card.uid, card.issue):
            sentence = f"Card {card.uid_hex} is {card.state}: put it on the reader, or report it lost first."
            raise Refused(409, "card-state", sentence)
    exposed = replacement.accepted(counter, act, card, owed_fen) if card.kind == registry.PURSE else ()
    if not exposed:  # else the second person has seen what is paid
        _allowed(counter, act, card, owed_fen)
    _end(counter, act, card, "void" if card.state == "lost" else "returned", exposed, owed_fen)
    return _shown(counter, card)


def _till(act: Act, allowed_fen: int, connection: Connection, amount_fen: int) -> str:
    if amount_fen > allowed_fen:
        raise Refused(409, "changed", MORE)
    return drawer.till(connection, act.operator, amount_fen)


def _end(counter: Counter, act: Act, card: Card, state: str, exposed: tuple[str, ...], owed_fen: int) -> None:
    with book(counter.database) as books:
        if replacement.is_done(books.connection, card, act):
            return
        if _owed_fen(books.connection, card) > owed_fen:
            raise Refused(409, "changed", MORE)
        cash_of = drawer.till(books.connection, act.operator)
        paid = waiting.release(books, card.uid, card.issue, (cash_of, "cash"), act.who)
        books.flush()
        drawer.must_be_covered(books.connection, act.operator)
        paid_fen = paid.principal_fen + loads.paid_out_fen(books.connection, card.uid, card.issue)
        if card.state != "void":
            registry.become(books.connection, card, state, act.who)
        loss.end(books.connection, card, act, "refunded", paid_fen, None, exposed)


def _owed_fen(connection: Connection, card: Card) -> int:
    """Principal on the card, waiting for it, and taken off it by this act before it was cut off."""
    there_fen = accounts.owed_fen(connection, card.uid, card.issue)
    return there_fen + loads.paid_out_fen(connection, card.uid, card.issue)


def _allowed(counter: Counter, act: Act, card: Card, owed_fen: int) -> None:
    approvals.above(counter.database, act, "refund", act.operator.refund_limit_fen, card.uid_hex, owed_fen)


def _shown(counter: Counter, card: Card) -> dict[str, Any]:
    with counter.database.read() as connection:
        return looking.card(connection, registry.known(connection, card.uid))
