"""Cash for cards: taken into the clerk's drawer, put on the card at a reader or left for its next tap.

What was taken is owed to the card from then on (host.ledger.waiting); a top-up of it waits until the card has
proved that it is there, or it is given back.
"""

import contextlib
from typing import Any

from host import operators
from host.cards import registry
from host.cards import waiting as topups
from host.cards.desk import Desk
from host.cards.loads import Loads
from host.cards.readers import CardConnection
from host.cards.registry import Card
from host.desk import approvals, drawer, looking, make
from host.desk.acts import Act, Counter
from host.errors import Refused
from host.ledger import held, waiting, wanted
from host.ledger.books import book
from host.ledger.terms import AlreadyBooked


def issue(counter: Counter, act: Act) -> dict[str, Any]:
    """The card on the reader becomes a customer's, and gets amount_fen."""
    amount_fen, kind = act.asked.get("amount_fen", 0), act.asked.get("kind", registry.PURSE)
    if amount_fen:
        operators.must(act.operator, "load")
        _allowed(counter, act, "a new card", amount_fen)
    if kind != registry.PURSE:
        card = make.plain_card(counter, act) if kind == registry.PLAIN else make.account_card(counter, act)
        if amount_fen:
            _load(counter, act, card, amount_fen)
        return _shown(counter, card)
    with counter.reader(act.asked["reader"]) as there:
        with counter.database.read() as connection:
            taken = _is_taken(connection, act)
        if not taken:
            Desk(counter.database, counter.keeper, there, act.who).issue(0)
        card = _on_reader(counter, there, None)
        if amount_fen:
            _take(counter, act, card, amount_fen)
            _collect(counter, act, there, card)
    return _shown(counter, card)


def top_up(counter: Counter, act: Act) -> dict[str, Any]:
    """Cash is taken; with a reader the card there gets it and all that waits for it."""
    amount_fen, reader = act.asked["amount_fen"], act.asked.get("reader")
    if reader is None:
        if "uid" not in act.asked:
            raise Refused(400, "field", "Name the card by uid, or the reader where it lies.")
        with counter.database.read() as connection:
            card = looking.named(connection, act.asked["uid"])
        _allowed(counter, act, card.uid_hex, amount_fen)
        if card.kind == registry.PURSE:
            _take(counter, act, card, amount_fen)
        else:
            _load(counter, act, card, amount_fen)
        return _shown(counter, card)
    with counter.reader(reader) as there:
        card = _on_reader(counter, there, act.asked.get("uid"))
        _allowed(counter, act, card.uid_hex, amount_fen)
        if card.kind == registry.PURSE:
            _take(counter, act, card, amount_fen)
            _collect(counter, act, there, card)
        else:
            _load(counter, act, card, amount_fen)
    return _shown(counter, card)


def collect(counter: Counter, act: Act) -> dict[str, Any]:
    """The card on the reader gets what waits for it; what is pending is settled."""
    with counter.reader(act.asked["reader"]) as there:
        card = _on_reader(counter, there, None)
        _collect(counter, act, there, card)
    return _shown(counter, card)


def cancel(counter: Counter, act: Act) -> dict[str, Any]:
    """Give back, out of one's own drawer, all that waits for a card and was never sent; what another took
    with the right to."""
    with book(counter.database) as books:
        connection = books.connection
        card = looking.named(connection, act.asked["uid"])
        if waiting.is_booked(connection, waiting.GIVE_BACK, act.reference):  # killed before it answered
            return looking.card(connection, card)
        if any(wait.who != act.who for wait in wanted.waits(connection) if wait.uid == card.uid):
            operators.must(act.operator, "void")
        back_fen = waiting.of(connection, card.uid, card.issue).principal_fen
        cash_of = drawer.till(connection, act.operator, back_fen)
        waiting.give_back(books, card.uid, card.issue, cash_of, act.who, act.reference)
        books.flush()
        answer = looking.card(connection, card)
    counter.push()
    return answer


def _allowed(counter: Counter, act: Act, subject: str, amount_fen: int) -> None:
    with counter.database.read() as connection:
        drawer.till(connection, act.operator)
    approvals.above(counter.database, act, "top-up", act.operator.load_limit_fen, subject, amount_fen)


def _is_taken(connection: Any, act: Act) -> bool:
    return waiting.is_booked(connection, waiting.TAKE, act.reference)


def _take(counter: Counter, act: Act, card: Card, amount_fen: int) -> None:
    try:
        with book(counter.database) as books:
            cash_of = drawer.till(books.connection, act.operator)
            topups.take(books, card.uid, amount_fen, cash_of, act.who, act.reference)
    except AlreadyBooked:  # the same act, begun before
        return
    counter.push()


def _load(counter: Counter, act: Act, card: Card, amount_fen: int) -> None:
    """A card that holds no money itself has it at once."""
    if card.state != "active":
        raise Refused(409, "card-state", f"Card {card.uid_hex} is {card.state}; it is not loaded.")
    with contextlib.suppress(AlreadyBooked), book(counter.database) as books:  # the same act, begun before
        cash_of = drawer.till(books.connection, act.operator)
        held.load(books, card.uid, card.issue, amount_fen, act.who, act.reference, cash_of)


def _collect(counter: Counter, act: Act, there: CardConnection, card: Card) -> None:
    Loads(counter.database, counter.keeper, there, act.who).collect(card)


def _on_reader(counter: Counter, there: CardConnection, wanted: str | None) -> Card:
    with counter.database.read() as connection:
        card = registry.known(connection, there.uid)
        if wanted is not None and looking.named(connection, wanted).uid != card.uid:
            raise Refused(409, "other-card", f"Card {card.uid_hex} lies on the reader, not {wanted}.")
    return card


def _shown(counter: Counter, card: Card) -> dict[str, Any]:
    with counter.database.read() as connection:
        return looking.card(connection, registry.known(connection, card.uid))
