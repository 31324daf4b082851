"""Top-ups whose answer was lost: what the card says about them by now. What the books say:
host.ledger.outcomes.

Nobody's word decides, only what the card's own keys prove. A TMV read from the card proves itself. "Not
committed" is the one thing that has no TMV: there the card must answer under the credit key, which no kiosk
has.
"""

from host.cards.keeper import Keeper
from host.cards.registry import Card
from host.ledger.purse import CardMove
from protocol.card import layout, tmac
from protocol.same import same


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
