"""Entry passes of a card: so many visits or minutes, or as often as wanted until a day; perhaps at some hours
alone.

Visits and minutes lie in an account of the pass, as a lot that expires with it. A pass goes with the card
that replaces its own.
"""

from collections.abc import Iterable
from typing import NamedTuple

from host.cards import registry
from host.cards.registry import Card
from host.db.connection import Connection
from host.ledger import accounts, lots
from host.ledger.books import Books
from host.ledger.chart import HOUSE, PASS
from host.ledger.terms import Why

VISITS, MINUTES = "visits", "minutes"  # units in the books
DAY_MIN = 24 * 60
GRANT = "pass"


class Pass(NamedTuple):
    """amount: of its unit, 0 of a period; opens_min = closes_min: at any time; stay_min: a stay of a pass of
    minutes counts so many at most."""

    id: int
    uid: bytes
    issue: int
    amount: int
    unit: str
    until_s: int | None
    opens_min: int
    closes_min: int
    again_min: int
    stay_min: int
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

    def is_over(self, at_s: int) -> bool:
        """Was it taken back, or has it ended by then?"""
        return self.ended_s is not None or (self.until_s is not None and self.until_s <= at_s)


class Terms(NamedTuple):
    """Of a new pass; see Pass."""

    amount: int
    unit: str
    until_s: int | None
    opens_min: int = 0
    closes_min: int = 0
    again_min: int = 0
    stay_min: int = 0
    price_fen: int = 0  # taken in cash at the desk


def grant(books: Books, card: Card, terms: Terms, who: str, reference: str, reason: str) -> int | None:
    """A new pass for a card -> its number. None: under this reference it is there already, and nothing more
    is done."""
    connection = books.connection
    if connection.execute("SELECT 1 FROM passes WHERE reference = ?", (reference,)).fetchone():
        return None
    locked(books, card.uid, card.issue, terms.unit)  # all at once, or a door meets us crosswise
    made = connection.execute(
        "INSERT INTO passes (uid, issue, amount, unit, until_s, opens_min, closes_min, again_min, stay_min,"
        " price_fen, reference, reason, who, at_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " RETURNING id",
        (card.uid, card.issue, *terms, reference, reason, who, books.booked_s),
    ).fetchone()
    number = int(made["id"])
    if terms.amount:
        why = Why(GRANT, f"pass:{number}", who, books.booked_s)
        lots.earn(books, why, account(books, number, terms.unit), terms.amount, terms.until_s)
    return number


def account(books: Books, number: int, unit: str) -> int:
    """Where what a pass holds lies."""
    return books.open_(f"{PASS}{number}", lots.LOTS, unit)


def locked(books: Books, uid: bytes, issue: int, *units: str) -> list[Pass]:
    """of_card(), and until the commit nobody else decides about these passes or takes from their accounts.
    units: of what the card is given then."""
    connection = books.connection
    found = of_card(connection, uid, issue)
    if lock(connection, (one.id for one in found)):
        found = of_card(connection, uid, issue)  # as it is after the wait
    issued = [accounts.find(connection, HOUSE, "issued", unit) for unit in units]
    ids = [*accounts.of(connection, lots.LOTS, owners(found)), *issued]
    lots.lock(books, [number for number in ids if number is not None])
    return found


def owners(found: Iterable[Pass]) -> list[str]:
    """Whose the accounts of these passes are."""
    return [f"{PASS}{one.id}" for one in found]


def lock(connection: Connection, numbers: Iterable[int]) -> bool:
    """These passes are this unit of work's. False: there is one writer anyway."""
    if connection.LOCKED:
        sql = f"SELECT a.id FROM passes a WHERE a.id IN {connection.INTS} ORDER BY a.id{connection.LOCKED}"
        connection.execute(sql, (connection.ints(numbers),)).fetchall()
    return bool(connection.LOCKED)


def left(connection: Connection, one: Pass) -> int:
    """Of a pass, in its unit: what was not used, nor taken away when it expired."""
    found = accounts.find(connection, f"{PASS}{one.id}", lots.LOTS, one.unit)
    return 0 if found is None else accounts.balance(connection, found)


_SELECT = (
    "SELECT p.id, p.uid, p.issue, p.amount, p.unit, p.until_s, p.opens_min, p.closes_min, p.again_min,"
    " p.stay_min, p.price_fen, p.reason, p.who, p.at_s, b.at_s FROM passes p"
    " LEFT JOIN pass_ends b ON b.pass_id = p.id"
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


def holder(connection: Connection, number: int) -> Card:
    """The card that has a pass now: the one it was given to, or what replaced that."""
    row = connection.execute(
        "WITH RECURSIVE now (uid, issue, place) AS (SELECT uid, issue, 0 FROM passes WHERE id = ? UNION ALL"
        " SELECT e.new_uid, e.new_issue, n.place + 1 FROM card_ends e JOIN now n ON e.uid = n.uid"
        " AND e.issue = n.issue WHERE e.new_uid IS NOT NULL)"
        " SELECT uid, issue FROM now ORDER BY place DESC LIMIT 1",
        (number,),
    ).fetchone()
    card = registry.find(connection, bytes(row["uid"]), row["issue"])
    assert card is not None  # a foreign key says so
    return card


def clock_time(minute: int) -> str:
    """990 -> 16:30"""
    return f"{minute // 60:02d}:{minute % 60:02d}"
