"""Cash for cards: taken into the clerk's drawer, put on the card at a reader or left for its next tap.

What was taken is owed to the card from then on (host.ledger.waiting); a top-up of it waits until the card has
proved that it is there, or it is given back.
"""

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
from host.ledger import waiting, wanted
from host.ledger.books import book
from host.ledger.chart import card_owner


def issue(counter: Counter, act: Act) -> dict[str, Any]:
    """The card on the reader becomes a customer's, and gets amount_fen."""
    amount_fen, kind = act.asked.get("amount_fen", 0), act.asked.get("kind", registry.PURSE)
    of = _taken_for(counter, act)
    if amount_fen:
        operators.must(act.operator, "load")
    if amount_fen and of is None:
        _allowed(counter, act, "a new card", amount_fen)
    if kind != registry.PURSE:
        card = make.card(counter, act, kind) if of is None else _looked_at(counter, act)
        if amount_fen:
            _take(counter, act, card, amount_fen, of)
        return _shown(counter, card)
    with counter.reader(act.asked["reader"]) as there:
        if of is None:
            Desk(counter.database, counter.keeper, there, act.who).issue(0)
        card = _on_reader(counter, there, None)
        if amount_fen:
            _take(counter, act, card, amount_fen, of)
            _collect(counter, act, there, card)
    return _shown(counter, card)


def top_up(counter: Counter, act: Act) -> dict[str, Any]:
    """Cash is taken; with a reader the card there gets it and all that waits for it. A card that holds no
    money itself has it at once."""
    amount_fen, reader, of = act.asked["amount_fen"], act.asked.get("reader"), _taken_for(counter, act)
    if reader is None:
        if "uid" not in act.asked:
            raise Refused(400, "field", "Name the card by uid, or the reader where it lies.")
        with counter.database.read() as connection:
            card = looking.named(connection, act.asked["uid"])
        if of is None:
            _allowed(counter, act, card.uid_hex, amount_fen)
        _take(counter, act, card, amount_fen, of)
        return _shown(counter, card)
    with counter.reader(reader) as there:
        card = _on_reader(counter, there, act.asked.get("uid"))
        if of is None:
            _allowed(counter, act, card.uid_hex, amount_fen)
        _take(counter, act, card, amount_fen, of)
        _collect(counter, act, there, card)
    return _shown(counter, card)


def collect(counter: Counter, act: Act) -> dict[str, Any]:
    """The card on the reader gets what waits for it; what is pending is settled."""
    with counter.reader(act.asked["reader"]) as there:
        card = _on_reader(counter, there, None)
        _collect(counter, act, there, card)
    return _shown(counter, card)


def cancel(counter: Counter, act: Act) -> dict[str, Any]:
    """Give back, out of one's own drawer, all that waits for a card and was never sent. Any of it that one
    did not take oneself needs the right to, and above the refund limit a second person."""
    with counter.database.read() as connection:
        card = looking.named(connection, act.asked["uid"])
        if waiting.is_booked(connection, waiting.GIVE_BACK, act.reference):  # killed before it answered
            return looking.card(connection, card)
        looked_fen = waiting.of(connection, card.uid, card.issue).principal_fen
        own = wanted.is_taken_by(connection, card.uid, card.issue, act.who)
    if not own:
        operators.must(act.operator, "void")
        limit_fen = act.operator.refund_limit_fen
        approvals.above(counter.database, act, "refund", limit_fen, card.uid_hex, looked_fen)
    with book(counter.database) as books:
        connection = books.connection
        back_fen = waiting.of(connection, card.uid, card.issue).principal_fen
        if back_fen != looked_fen:
            raise Refused(409, "changed", f"Something else waits for card {card.uid_hex} by now: ask again.")
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


def _taken_for(counter: Counter, act: Act) -> str | None:
    """The owner of the account that has this act's cash, begun before; None: nothing was taken yet."""
    with counter.database.read() as connection:
        return waiting.taken_for(connection, act.reference)


def _take(counter: Counter, act: Act, card: Card, amount_fen: int, of: str | None) -> None:
    if of is not None:
        if of != card_owner(card.uid, card.issue):
            sentence = f"This act's cash was taken for another card than {card.uid_hex}: put that one back."
            raise Refused(409, "other-card", sentence)
        return
    with book(counter.database) as books:
        cash_of = drawer.till(books.connection, act.operator)
        topups.take(books, card.uid, amount_fen, cash_of, act.who, act.reference)
    counter.push()


def _collect(counter: Counter, act: Act, there: CardConnection, card: Card) -> None:
    if card.kind == registry.PURSE:
        Loads(counter.database, counter.keeper, there, act.who).collect(card, moves=True)


def _looked_at(counter: Counter, act: Act) -> Card:
    uid = counter.look(act.asked["reader"])
    with counter.database.read() as connection:
        return registry.known(connection, uid)


def _on_reader(counter: Counter, there: CardConnection, wanted: str | None) -> Card:
    with counter.database.read() as connection:
        card = registry.known(connection, there.uid)
        if wanted is not None and looking.named(connection, wanted).uid != card.uid:
            raise Refused(409, "other-card", f"Card {card.uid_hex} lies on the reader, not {wanted}.")
    return card


def _shown(counter: Counter, card: Card) -> dict[str, Any]:
    with counter.database.read() as connection:
        return looking.card(connection, registry.known(connection, card.uid))
