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

    A move at its counter: the card did something else there. A sale right after it that began with the value
    the top-up leaves: only the top-up can have raised it to that. Books that are being worked on must be
    flushed before.
    """
    if purse.moved(connection, move.uid, move.issue, move.tmc, purse.TO_THE_FIRST) is not None:
        return Outcome.FORGOTTEN
    after = purse.moved(connection, move.uid, move.issue, move.tmc + 1, purse.TO_THE_FIRST)
    if after is not None and after[1].value_after_fen - after[1].change_fen == move.value_after_fen:
        return Outcome.COMMITTED
    return None
