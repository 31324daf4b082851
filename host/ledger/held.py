"""Money of cards that hold none themselves (account and plain cards): all of it is here."""

from host.db.connection import Connection
from host.ledger import accounts
from host.ledger.asked import transfers_of
from host.ledger.books import Books
from host.ledger.chart import HOUSE, card_owner
from host.ledger.corrections import REVERSAL
from host.ledger.terms import Transfer, Why

KIND = "account"  # of its account, which never goes below zero
OPENING, LOAD = "opening", "account-load"

# Back along an account's own transfers to the first that is older.
_SPENT = (
    "WITH RECURSIVE walk (id, done, reference, booked_s, kind, debit, amount, before) AS ("
    "SELECT e.id, t.id, t.reference, t.booked_s, t.kind, CASE WHEN e.debit_id = a.id THEN 1 ELSE 0 END,"
    " e.amount, CASE WHEN e.debit_id = a.id THEN e.debit_before ELSE e.credit_before END"
    " FROM accounts a JOIN transfers e ON e.id = a.last_transfer"
    " JOIN transactions t ON t.id = e.transaction_id WHERE a.id = ?"
    " UNION ALL SELECT e.id, t.id, t.reference, t.booked_s, t.kind, CASE WHEN e.debit_id = ? THEN 1 ELSE 0"
    " END, e.amount, CASE WHEN e.debit_id = ? THEN e.debit_before ELSE e.credit_before END"
    " FROM walk w JOIN transfers e ON e.id = w.before"
    " JOIN transactions t ON t.id = e.transaction_id WHERE w.booked_s >= ?)"
    " SELECT CAST(coalesce(sum(CASE WHEN debit = 1 THEN amount WHEN kind = ? AND reference IN"
    " (SELECT 'transaction:' || done FROM walk WHERE booked_s >= ?) THEN -amount ELSE 0 END), 0)"
    " AS BIGINT) FROM walk WHERE booked_s >= ?"
)


def open_(books: Books, uid: bytes, issue: int) -> int:
    """A card's account, opened when it is new."""
    return books.open_(card_owner(uid, issue), KIND)


def take_over(books: Books, uid: bytes, issue: int, amount_fen: int, who: str) -> int:
    """What an old card held in the system before this one: opening -> account. Its id; AlreadyBooked."""
    owner = card_owner(uid, issue)
    why = Why(OPENING, owner, who, books.booked_s)
    return books.post(why, [Transfer(books.open_(HOUSE, OPENING), open_(books, uid, issue), amount_fen)])


def load(
    books: Books, uid: bytes, issue: int, amount_fen: int, cash_of: str, who: str, reference: str
) -> int:
    """A customer paid into the cash of cash_of: the card has it at once. Its id; AlreadyBooked."""
    why = Why(LOAD, reference, who, books.booked_s)
    return books.post(why, [Transfer(books.open_(cash_of, "cash"), open_(books, uid, issue), amount_fen)])


def loaded(books: Books, reference: str) -> tuple[int, int]:
    """(account, fen) of a load that is booked."""
    sql = "SELECT id, first_transfer FROM transactions WHERE kind = ? AND reference = ?"
    row = books.connection.execute(sql, (LOAD, reference)).fetchone()
    (transfer,) = transfers_of(books.connection, row["id"], row["first_transfer"])
    return transfer.credit, transfer.amount


def spent_since(connection: Connection, uid: bytes, issue: int, since_s: int) -> int:
    """What left a card's account since then in fen, less what of it was reversed.

    Books that are being worked on must be flushed before.
    """
    number = accounts.find(connection, card_owner(uid, issue), KIND)
    if number is None:
        return 0
    asked = (number, number, number, since_s, REVERSAL, since_s, since_s)
    (spent_fen,) = connection.execute(_SPENT, asked).fetchone()
    return int(spent_fen)
