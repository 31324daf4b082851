"""Giving a card its last sale back while it lies on the reader, by LimitedCredit under the credit key.

The card itself bounds it: it gives back at most what its last debit took. All else is as with a top-up:
pending in the books before the commit is sent, posted by the card's Transaction MAC, and while nobody knows
whether the card committed it, neither repeated nor cancelled. See docs/decisions/0011-limited-credit.md.
"""

from host import clock
from host.cards.admission import next_move
from host.cards.loads import Loads
from host.cards.registry import Card, RegistryError
from host.db.connection import Connection
from host.ledger import loads, purse
from host.ledger.books import book
from host.ledger.terms import LedgerError
from protocol.card import tmac


class Refunds(Loads):
    """What a desk gives back to the card on its reader."""

    kind, command = loads.REFUND, tmac.LIMITED_CREDIT

    def refund(self, card: Card, sale: int, amount_fen: int | None = None) -> int:
        """Give this sale (its transaction) back, or so much of it -> fen. Settles what is pending first.

        Asked again after a lost answer it is not given twice. RegistryError when it is not the last thing the
        card did or the books do not agree with the card; else as Loads.load.
        """
        with self.database.read() as connection:
            took_fen = _took(connection, card, sale)
        wanted_fen = took_fen if amount_fen is None else amount_fen
        if not 0 < wanted_fen <= took_fen:
            raise RegistryError("refund", f"The sale took {took_fen} fen: {wanted_fen} cannot be given back.")
        card, seen = self._look(card)
        if wanted_fen in [move.change_fen for kind, move in self._settle(card, seen) if kind == self.kind]:
            return wanted_fen
        with book(self.database) as books:
            move = next_move(books.connection, card, seen, wanted_fen)
            try:
                planned = loads.plan_refund(books, move, sale, self.who, clock.now_s())
            except LedgerError:
                raise RegistryError(
                    "refund",
                    f"Sale {sale} is not the last thing that card {card.uid_hex} did: pay it back in cash.",
                ) from None
        self._credit(card, move, planned)
        return wanted_fen


def _took(connection: Connection, card: Card, sale: int) -> int:
    """What a sale of this card took; RegistryError when it is none."""
    row = connection.execute(
        "SELECT t.change_fen FROM transactions t JOIN purses p ON p.account_id = t.purse"
        " WHERE t.id = ? AND p.uid = ? AND p.issue = ? AND t.kind IN ('sale', 'settlement')",
        (sale, card.uid, card.issue),
    ).fetchone()
    if row is None:
        raise RegistryError("refund", f"Transaction {sale} is no sale of card {card.uid_hex}.")
    return -int(row["change_fen"])


def last_sale(connection: Connection, card: Card) -> tuple[int, int] | None:
    """(transaction, fen) of the sale that can be given back now, the last thing the card did; or None."""
    tmc, _value = purse.last_move(connection, card.uid, card.issue)
    found = purse.moved(connection, card.uid, card.issue, tmc, purse.TO_THE_FIRST) if tmc else None
    if found is None or found[1].change_fen >= 0 or loads.pending_loads(connection, card.uid, card.issue):
        return None
    return found[0], -found[1].change_fen
