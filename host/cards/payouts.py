"""A card's whole value taken off it again on a desk reader: planned, sent, proven like a top-up.

Under the credit key, which no kiosk has.
"""

from host.cards.admission import next_move
from host.cards.loads import Loads
from host.cards.registry import Card
from host.ledger import loads
from host.ledger.books import book
from protocol.card import tmac


class Payouts(Loads):
    """What a desk takes off the card on its reader."""

    kind, command = loads.PAYOUT, tmac.DEBIT

    def take_off(self, card: Card, cash_of: str) -> int:
        """Settle what is pending, then take off what is there -> fen. Principal goes to the cash of cash_of,
        bonus back to where it came from.

        LoadUnknown when the answer is lost: asked again with the card it is not paid twice.
        """
        card, seen = self._look(card)
        paid = [-move.change_fen for kind, move in self._settle(card, seen) if kind == self.kind]
        if paid or not seen.value_fen:
            return sum(paid)
        with book(self.database) as books:
            move = next_move(books.connection, card, seen, -seen.value_fen)
            planned = loads.plan_payout(books, move, cash_of, self.who)
        self._credit(card, move, planned)
        return seen.value_fen
