"""What became of a top-up whose answer was lost, as far as the books can tell.

Nobody's word decides: a counter in the books was proven by its TMV, which no kiosk can make.
"""

from enum import Enum

from host.db.connection import Connection
from host.ledger import purse
from host.ledger.purse import CardMove


class Outcome(Enum):
    """What became of a top-up on the card."""

    COMMITTED = "committed"
    FORGOTTEN = "forgotten"


def by_books(connection: Connection, move: CardMove) -> Outcome | None:
    """What the card's proven moves around a pending top-up say; None when they say nothing.

    A move at its counter: the card did something else there. A sale after it, the next or the newest, that
    began with more than the card had before: only the top-up can have raised it to that, since while it is
    pending there is no other. Books that are being worked on must be flushed before.
    """
    card = connection, move.uid, move.issue
    if purse.moved(*card, move.tmc, purse.TO_THE_FIRST) is not None:
        return Outcome.FORGOTTEN
    newest, _value = purse.last_move(*card)
    for tmc in (move.tmc + 1, max(move.tmc + 1, newest)):
        after = purse.moved(*card, tmc, purse.TO_THE_FIRST)
        began_fen = 0 if after is None else after[1].value_after_fen - after[1].change_fen
        if move.value_after_fen - move.change_fen < began_fen <= move.value_after_fen:
            return Outcome.COMMITTED
    return None
