"""Entry passes of a card: so many visits, or as often as wanted until a day; perhaps at some hours alone.

Visits lie in an account of the pass, as a lot that expires with it. A pass goes with the card that replaces
its own.
"""

from collections.abc import Iterable
from typing import NamedTuple

from host.cards.registry import Card
from host.db.connection import Connection
from host.ledger import accounts, lots
from host.ledger.books import Books
from host.ledger.chart import PASS
from host.ledger.terms import Why

VISITS_MAX = 1000
DAY_MIN = 24 * 60
GRANT = "pass"


class Pass(NamedTuple):
    """visits: 0 of a period; opens_min = closes_min: at any time."""

    id: int
    visits: int
    until_s: int | None
    opens_min: int
    closes_min: int
    again_min: int
    price_fen: int
    reason: str
    who: str
    at_s: int
    ended_s: int | None  # it was taken back

    def is_open(self, minute: int) -> bool:
        """May one enter at this minute of the local day?"""
        if self.opens_min == self.closes_min:
            return True
        if self.opens_min < self.closes_min:
            return self.opens_min <= minute < self.closes_min
        return minute >= self.opens_min or minute < self.closes_min


class Terms(NamedTuple):
    """Of a new pass; see Pass."""

    visits: int
    until_s: int | None
    opens_min: int
    closes_min: int
    again_min: int
    price_fen: int = 0  # taken in cash at the desk


def grant(books: Books, card: Card, terms: Terms, who: str, reference: str, reason: str) -> bool:
    """A new pass for a card. False: under this reference it is there already, and nothing more is done."""
    connection = books.connection
    if connection.execute("SELECT 1 FROM passes WHERE reference = ?", (reference,)).fetchone():
        return False
    made = connection.execute(
        "INSERT INTO passes (uid, issue, visits, until_s, opens_min, closes_min, again_min, price_fen,"
        " reference, reason, who, at_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (card.uid, card.issue, *terms, reference, reason, who, books.booked_s),
    ).fetchone()
    if terms.visits:
        why = Why(GRANT, f"pass:{made['id']}", who, books.booked_s)
        lots.earn(books, why, account(books, made["id"]), terms.visits, terms.until_s)
    return True


def account(books: Books, number: int) -> int:
    """Where the visits of a pass lie."""
    return books.open_(f"{PASS}{number}", lots.LOTS, "visits")


def lock(books: Books, found: Iterable[Pass]) -> None:
    """Nobody else takes visits of these passes until the commit."""
    ids = [accounts.find(books.connection, f"{PASS}{one.id}", lots.LOTS, "visits") for one in found]
    lots.lock(books, [number for number in ids if number is not None])


def left(connection: Connection, number: int) -> int:
    """Visits of a pass that were not used, nor taken away when it expired."""
    found = accounts.find(connection, f"{PASS}{number}", lots.LOTS, "visits")
    return 0 if found is None else accounts.balance(connection, found)


_SELECT = (
    "SELECT p.id, p.visits, p.until_s, p.opens_min, p.closes_min, p.again_min, p.price_fen, p.reason, p.who,"
    " p.at_s, b.at_s FROM passes p LEFT JOIN pass_ends b ON b.pass_id = p.id"
)


def find(connection: Connection, number: int) -> Pass | None:
    """The pass of this number."""
    row = connection.execute(f"{_SELECT} WHERE p.id = ?", (number,)).fetchone()
    return None if row is None else Pass(*row)


def of_card(connection: Connection, uid: bytes, issue: int) -> list[Pass]:
    """All passes of a card and of those that it replaced, the first to end before the others."""
    rows = connection.execute(
        "WITH RECURSIVE own (uid, issue) AS (SELECT uid, issue FROM cards WHERE uid = ? AND issue = ? UNION"
        " SELECT e.uid, e.issue FROM card_ends e JOIN own o ON e.new_uid = o.uid AND e.new_issue = o.issue)"
        f" {_SELECT} JOIN own o ON p.uid = o.uid AND p.issue = o.issue"
        " ORDER BY coalesce(p.until_s, 9223372036854775807), p.id",
        (uid, issue),
    )
    return [Pass(*row) for row in rows.fetchall()]


def clock_time(minute: int) -> str:
    """990 -> 16:30"""
    return f"{minute // 60:02d}:{minute % 60:02d}"
