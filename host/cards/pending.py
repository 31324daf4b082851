"""Top-ups whose answer was lost: what the books and the card say about them by now.

Nobody's word decides, only what the card's own keys prove. A counter in the books was proven by its TMV,
which no kiosk can make. A TMV read from the card proves itself. "Not committed" is the one thing that has no
TMV: there the card must answer under the credit key, which no kiosk has.
"""

from enum import Enum

from host.cards.keeper import Keeper
from host.cards.registry import Card
from host.db.connection import Connection
from host.ledger import purse
from host.ledger.purse import CardMove
from protocol.card import layout, tmac
from protocol.same import same


class Outcome(Enum):
    """What became of a top-up on the card."""

    COMMITTED = "committed"
    FORGOTTEN = "forgotten"


def proves(keeper: Keeper, card: Card, move: CardMove, tmv: bytes) -> bool:
    """Is this the TMV of a Credit, or a refund's LimitedCredit, of this amount at this counter? Or of a
    Debit, where it is below zero.

    Either: both take the credit key, and of each card we have one on its way at a time.
    """
    key = keeper.tmac_key(card.uid, card.issue, card.life_key_version)
    for command in (tmac.CREDIT, tmac.LIMITED_CREDIT) if move.change_fen > 0 else (tmac.DEBIT,):
        changed = tmac.value_input(command, layout.FILE_VALUE, abs(move.change_fen))
        if same(tmac.tmv(key, card.uid, move.tmc, changed), tmv):
            return True
    return False


def by_books(connection: Connection, move: CardMove) -> Outcome | None:
    """What the card's proven moves around a pending top-up say; None when they say nothing.

    A move at its counter: the card did something else there. A sale right after it that began with the value
    the top-up leaves: only the top-up can have raised it to that.
    """
    if purse.moved(connection, move.uid, move.issue, move.tmc, purse.TO_THE_FIRST) is not None:
        return Outcome.FORGOTTEN
    after = purse.moved(connection, move.uid, move.issue, move.tmc + 1, purse.TO_THE_FIRST)
    if after is not None and after[1].value_after_fen - after[1].change_fen == move.value_after_fen:
        return Outcome.COMMITTED
    return None
