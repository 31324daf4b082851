"""What comes to light of a card whose value has gone elsewhere: debits, and that a top-up or refund was on it
which was voided when it was lost.

    (loss)    losses <-> card         a released card holds nothing, whatever was reported of it
    (found)   losses, sales -> card   the top-up at its own counter, as soon as the card's moves prove it

What was paid for a voided top-up went elsewhere when the card was released, so the house pays for what is on
the card. A refund went nowhere: it comes from the sales that it gives back.
"""

from host.ledger import waiting
from host.ledger.books import Books
from host.ledger.chart import HOUSE
from host.ledger.outcomes import Outcome, by_books
from host.ledger.purse import CardMove, take
from host.ledger.terms import VOIDED, Purse, Transfer, Why

LOSS, FOUND = "loss", "found"
_NEWEST = (  # the one that was open when the card was lost: none was begun since
    "SELECT l.transaction_id, l.tmc, l.amount_fen, l.value_after_fen, v.state FROM card_loads l"
    " JOIN transactions t ON t.id = l.transaction_id JOIN transactions v ON v.ends = l.transaction_id"
    " WHERE l.uid = ? AND l.issue = ? ORDER BY l.tmc DESC, t.booked_s DESC, l.transaction_id DESC LIMIT 1"
)
_PLANNED = (
    "SELECT p.debit_id, p.credit_id, p.amount, a.kind FROM plans p JOIN accounts a ON a.id = p.debit_id"
    " WHERE p.transaction_id = ? ORDER BY p.place"
)


def cover(books: Books, found: Purse, tmc: int) -> int:
    """What a released card was debited since, up to this counter, is the house's loss -> fen. Below zero: so
    much came back, since a top-up was on the card of which less was spent than the losses bore."""
    books.flush()
    if not waiting.released(books.connection, found.uid, found.issue):
        return 0
    lost = books.open_(HOUSE, "losses")
    _find(books, found, lost)
    own = [number for number in (found.account_id, found.bonus_id) if number is not None]
    left = {number: fen for number in own if (fen := books.account(number).balance)}
    if left:
        reference = f"{found.uid.hex().upper()}.{found.issue}.{tmc}"
        transfers = [
            Transfer(number, lost, fen) if fen > 0 else Transfer(lost, number, -fen)
            for number, fen in left.items()
        ]
        books.post(Why(LOSS, reference, HOUSE, books.booked_s), transfers)
    return -sum(left.values())


def _find(books: Books, purse: Purse, lost: int) -> None:
    newest = books.connection.execute(_NEWEST, (purse.uid, purse.issue)).fetchone()
    if newest is None or newest["state"] != VOIDED:
        return
    number, *said, _state = newest
    move = CardMove(purse.uid, purse.issue, *said)
    if by_books(books.connection, move) is not Outcome.COMMITTED:
        return
    transfers = [
        Transfer(giver if kind == "sales" else lost, taker, part)
        for giver, taker, part, kind in books.connection.execute(_PLANNED, (number,)).fetchall()
    ]
    why = Why(
        *(FOUND, f"transaction:{number}", HOUSE, books.booked_s, None, purse.account_id, move.tmc),
        *(move.change_fen, move.value_after_fen, purse.last_move),
    )
    purse.last_move = books.post(why, transfers)
    take(books, purse, move.tmc, move.value_after_fen)
