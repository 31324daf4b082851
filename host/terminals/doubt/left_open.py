"""Sales that a kiosk left open, settled by what another terminal saw of the card.

The kiosk told which counter and value the card showed before. So its sale is the move after that counter, or
there was none: the card's own proofs, wherever they come from, say which. A debit that is known by its value
alone is booked at the kiosk that left it open, and moved should another one prove it its own (see unproven).
"""

from host.ledger import corrections, late, purse
from host.ledger.purse import CardMove
from host.ledger.terms import Purse
from host.terminals.doubt.open_sales import OpenSale, of_card
from host.terminals.doubt.settling import settled
from host.terminals.reported.work import Work


def take(work: Work, found: Purse, sale: OpenSale, proven: bool) -> None:
    """It was paid: book it. proven: the card has named it, not only its amount."""
    move = sale.move
    booked = purse.book_sale(work.books, "settlement", found, move, sale.name, sale.happened_s)
    if not proven:
        corrections.infer(work.books, booked)
    late.cover(work.books, found, move.tmc)
    settled(work.connection, sale.kiosk, sale.epoch, sale.counter, 1, proven)


def fill(work: Work, found: Purse, room: CardMove) -> bool:
    """Between two proven moves of a card there is room for this debit alone: was it an open sale's? Then it
    is booked. Of two open sales that it may have been, none."""
    fits = [sale for sale in of_card(work.connection, found.uid, found.issue) if sale.move == room]
    if len(fits) == 1:
        take(work, found, fits[0], proven=False)
    return len(fits) == 1


def refute(work: Work, found: Purse) -> None:
    """Open sales whose counter the card used for something else were not paid."""
    for sale in of_card(work.connection, found.uid, found.issue):
        move = sale.move
        if not purse.is_booked(work.connection, found, move.tmc):
            continue
        work.flush()
        try:
            held = purse.moved(work.connection, found.uid, found.issue, move.tmc)
        except purse.TooFar:
            continue
        if held is not None and held[1] != move:
            settled(work.connection, sale.kiosk, sale.epoch, sale.counter, 0, proven=True)
