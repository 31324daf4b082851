"""Cash drawers: each shift has an account of cash, the safe is the house's.

What a drawer should hold is its account's balance; what a count finds more or less is booked at once, so that
after each count the two are the same.
"""

from host.db.connection import Connection
from host.ledger import accounts
from host.ledger.books import Books
from host.ledger.chart import HOUSE, shift_owner
from host.ledger.terms import Transfer, Why

FLOAT, COUNT, MOVE = "drawer-float", "drawer-count", "drawer-move"
SAFE, BANK = (HOUSE, "cash"), (HOUSE, "bank")
PLACES = {"safe": SAFE, "bank": BANK}


def holds_fen(connection: Connection, shift: int) -> int:
    """What the books say is in a shift's drawer."""
    number = accounts.find(connection, shift_owner(shift), "cash")
    return 0 if number is None else -accounts.balance(connection, number)


def promised_fen(connection: Connection, shift: int) -> int:
    """What is to be paid out of a drawer as soon as a card proves that it was taken off it."""
    row = connection.execute(
        "SELECT CAST(coalesce(sum(p.amount), 0) AS BIGINT) AS n FROM open_loads o"
        " JOIN plans p ON p.transaction_id = o.transaction_id JOIN accounts a ON a.id = p.credit_id"
        " WHERE a.owner = ? AND a.kind = 'cash'",
        (shift_owner(shift),),
    ).fetchone()
    return int(row["n"])


def move(
    books: Books, shift: int, other: tuple[str, str], amount_fen: int, kind: str, who: str, reference: str
) -> None:
    """amount_fen above zero goes into the drawer from (owner, kind) `other`, below zero out of it.

    AlreadyBooked.
    """
    drawer, place = books.open_(shift_owner(shift), "cash"), books.open_(*other)
    pair = (drawer, place) if amount_fen > 0 else (place, drawer)  # what the house has is debited
    books.post(Why(kind, reference, who, books.booked_s), [Transfer(*pair, abs(amount_fen))])


def counted(books: Books, shift: int, counted_fen: int, who: str, reference: str) -> tuple[int, int]:
    """A count: (expected, over or short), which is booked. AlreadyBooked."""
    number = books.open_(shift_owner(shift), "cash")
    expected_fen = -books.account(number).balance
    over_fen = counted_fen - expected_fen
    if over_fen:
        move(books, shift, (shift_owner(shift), "over-short"), over_fen, COUNT, who, reference)
    return expected_fen, over_fen
