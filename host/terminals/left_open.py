"""Sales that a kiosk left open, settled by what another terminal saw of the card.

The kiosk told which counter and value the card showed before. So its sale is the move after that counter, or
there was none: the card's own proofs, wherever they come from, say which. A debit that is known by its value
alone is booked at the kiosk that left it open, and moved should another one prove it its own (see unproven).
"""

from typing import NamedTuple

from host.db.connection import Connection
from host.ledger import corrections, purse
from host.ledger.purse import CardMove
from host.ledger.terms import Purse
from host.terminals.settling import settled
from host.terminals.work import Work


class OpenSale(NamedTuple):
    """tmc, value_fen: of the card before it."""

    kiosk: int
    name: str
    epoch: int
    counter: int
    amount_fen: int
    tmc: int
    value_fen: int
    happened_s: int

    def move(self, uid: bytes, issue: int) -> CardMove:
        """What the card did if it committed it."""
        return CardMove(uid, issue, self.tmc + 1, -self.amount_fen, self.value_fen - self.amount_fen)


def of_card(connection: Connection, uid: bytes, issue: int) -> list[OpenSale]:
    """A card's sales that nobody has settled yet, the oldest first."""
    rows = connection.execute(
        "SELECT u.kiosk, k.name, u.epoch, u.counter, u.amount_fen, u.tmc, u.value_fen, u.happened_s"
        " FROM unsettled u JOIN kiosks k ON k.number = u.kiosk WHERE u.uid = ? AND u.issue = ?"
        " AND u.tmc IS NOT NULL AND NOT EXISTS (SELECT 1 FROM settlements s WHERE s.kiosk = u.kiosk"
        " AND s.epoch = u.epoch AND s.counter = u.counter) ORDER BY u.tmc, u.kiosk, u.epoch, u.counter",
        (uid, issue),
    )
    return [OpenSale(*row) for row in rows]


def take(work: Work, found: Purse, sale: OpenSale, proven: bool) -> None:
    """It was paid: book it. proven: the card has named it, not only its amount."""
    move = sale.move(found.uid, found.issue)
    booked = purse.book_sale(work.books, "settlement", found, move, sale.name, sale.happened_s)
    if not proven:
        corrections.infer(work.books, booked)
    settled(work.connection, sale.kiosk, sale.epoch, sale.counter, 1, proven)


def fill(work: Work, found: Purse, room: CardMove) -> bool:
    """Between two proven moves of a card there is room for this debit alone: was it an open sale's? Then it
    is booked. Of two open sales that it may have been, none."""
    fits = [
        sale
        for sale in of_card(work.connection, found.uid, found.issue)
        if sale.move(found.uid, found.issue) == room
    ]
    if len(fits) == 1:
        take(work, found, fits[0], proven=False)
    return len(fits) == 1


def refute(work: Work, found: Purse) -> None:
    """Open sales whose counter the card used for something else were not paid."""
    for sale in of_card(work.connection, found.uid, found.issue):
        move = sale.move(found.uid, found.issue)
        if not purse.is_booked(work.connection, found, move.tmc):
            continue
        work.flush()
        try:
            held = purse.moved(work.connection, found.uid, found.issue, move.tmc)
        except purse.TooFar:
            continue
        if held is not None and held[1] != move:
            settled(work.connection, sale.kiosk, sale.epoch, sale.counter, 0, proven=True)
