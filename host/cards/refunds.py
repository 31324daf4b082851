"""Giving a card its last sale back while it lies on the reader, by LimitedCredit under the credit key.

The card itself bounds it: it gives back at most what its last debit took. All else is as with a top-up:
pending in the books before the commit is sent, posted by the card's Transaction MAC, and while nobody knows
whether the card committed it, neither repeated nor cancelled. See docs/decisions/0011-limited-credit.md.
"""

from host import clock
from host.cards import last_sale
from host.cards.admission import next_move
from host.cards.loads import Loads
from host.cards.registry import Card, RegistryError
from host.ledger import loads
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
            took_fen = last_sale.took(connection, card, sale)
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
