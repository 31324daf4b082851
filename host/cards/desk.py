"""Issuing and loading a purse card that lies on a desk reader.

The books know before the card does: a card is pending before it is touched, a top-up is pending before
its commit is sent. What the card then proves (TMC and TMV) makes it final; without proof it stays pending
and visible until the card is read again. One desk session at a time: see Service.reader.
"""

from typing import Any

from host.cards import inspection, life, observation, personalise, registry, stock
from host.cards.admission import must_be_welcome
from host.cards.card_keys import card_keys, former_keys
from host.cards.keeper import Keeper
from host.cards.loads import Loads
from host.cards.readers import CardConnection
from host.cards.registry import Card, RegistryError
from host.db.engine import Database
from host.ledger import loads, purse
from host.ledger.books import book
from host.ledger.chart import OPERATOR
from protocol.card import apdu


class Desk:
    """One card on a reader, one clerk."""

    def __init__(self, database: Database, keeper: Keeper, connection: CardConnection, who: str) -> None:
        self.database = database
        self.keeper = keeper
        self.connection = connection
        self.who = who

    def issue(self, amount_fen: int) -> dict[str, Any]:
        """Make the card ours and load it: registry.to_json() of it. Finishes what was interrupted.

        RegistryError, NotPersonalisable, CardError, CardGone, LoadUnknown.
        """
        uid = self.connection.uid
        with self.database.write() as connection:
            card = registry.newest(connection, uid)
            unsure = card is not None and bool(loads.pending_loads(connection, uid, card.issue))
            if not unsure:
                must_be_welcome(connection, uid)
            if card is None or life.may_begin_again(card.state):
                if card is None:
                    stock.take(connection, uid, self.who.removeprefix(OPERATOR), self.who)
                card = registry.begin(connection, uid, self.keeper.generation, self.who)
        if card.kind != registry.PURSE:
            raise RegistryError(
                "card-kind", f"Card {card.uid_hex} is in the books as {card.kind} card {card.number}."
            )
        if card.state == "pending":
            self.finish(card)
        elif card.state != "active":
            raise RegistryError(
                "card-state", f"Card {card.uid_hex} is {card.state}; it cannot be issued anew."
            )
        elif not unsure and not self._unfinished(card):
            raise RegistryError(
                "card-state", f"Card {card.uid_hex} is issued already, as number {card.number}."
            )
        if amount_fen or unsure:
            self.load(card, amount_fen)
        with self.database.read() as connection:
            current = registry.find(connection, card.uid, card.issue)
            assert current is not None
            return registry.to_json(connection, current)

    def finish(self, card: Card) -> None:
        """Make the card of a pending life ours and call it active.

        NotPersonalisable leaves the card pending: a refusal carries no MAC, so it ends no life.
        """
        keys, former = card_keys(self.keeper, card), former_keys(self.keeper, card)
        with self.database.read() as connection:
            last = registry.find(connection, card.uid, card.issue - 1)
        if last is not None and last.kind == registry.PURSE:  # it may hold sales that nobody told
            observation.look_back(self.database, self.keeper, self.connection, last)
        apdu.run(personalise.personalise(card, keys, former), self.connection.send_and_receive)
        apdu.run(inspection.inspect(card, keys), self.connection.send_and_receive)
        with book(self.database) as books:
            registry.become(books.connection, card, "active", self.who)
            purse.open_(books, card.uid, card.issue, known=True)

    def _unfinished(self, card: Card) -> bool:
        """An active card whose first load never came about, as far as the books know."""
        with self.database.read() as connection:
            return purse.last_move(connection, card.uid, card.issue) == (0, 0)

    def load(self, card: Card, amount_fen: int) -> None:
        """See Loads.load."""
        Loads(self.database, self.keeper, self.connection, self.who).load(card, amount_fen)
