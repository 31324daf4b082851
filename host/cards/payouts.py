"""A card's whole value taken off it again on a desk reader: planned, sent, proven like a top-up.

Under the credit key, which no kiosk has.
"""

from collections.abc import Callable
from functools import partial

from host.cards.admission import must_agree, next_move
from host.cards.loads import Loads
from host.cards.registry import Card
from host.db.connection import Connection
from host.ledger import loads
from host.ledger.books import book
from protocol.card import tmac

# Whose cash so much principal is paid from; it refuses what is not there. Asked as the payout is planned.
Till = Callable[[Connection, int], str]


class Payouts(Loads):
    """What a desk takes off the card on its reader."""

    kind, command = loads.PAYOUT, tmac.DEBIT

    def take_off(self, card: Card, till: Till) -> None:
        """Settle what is pending, then take off what is there. Principal goes to the till, bonus back to
        where it came from.

        RegistryError for an empty card too, when the books do not know yet how it was emptied. LoadUnknown
        when the answer is lost: asked again with the card it is not paid twice.
        """
        card, seen = self._look(card)
        self._settle(card, seen)
        if not seen.value_fen:
            with self.database.read() as connection:
                must_agree(connection, card, seen)
            return
        with book(self.database) as books:
            move = next_move(books.connection, card, seen, -seen.value_fen)
            planned = loads.plan_payout(books, move, partial(till, books.connection), self.who)
        self._credit(card, move, planned)
