"""Taking a list of old cards over: one transaction for all of it, and what it did or would have done."""

from dataclasses import dataclass
from typing import Any

from host import clock
from host.cards import numbers, plain, registry
from host.cards.hotlist import holds
from host.cards.imports.rows import NUMBER, UID, Row, parsed
from host.cards.imports.sheet import FileError, Sheet
from host.db.connection import Connection
from host.db.engine import Database
from host.ledger import held, lots
from host.ledger.books import Books, book
from host.ledger.chart import card_owner
from host.ledger.terms import Why

POINTS = "points"


@dataclass
class Report:
    """What came of it. earlier_s: the same file was taken over then, so nothing was done now."""

    rows: list[Row]
    imported: bool = False
    earlier_s: int | None = None

    @property
    def faulty(self) -> list[Row]:
        """Rows that stand in the way."""
        return [row for row in self.rows if row.errors]

    @property
    def balance_fen(self) -> int:
        """Of all cards."""
        return sum(row.balance_fen for row in self.rows)

    @property
    def points(self) -> int:
        """Of all cards."""
        return sum(row.points for row in self.rows)

    def to_json(self) -> dict[str, Any]:
        """{imported, earlier_s, cards, balance_fen, points, faulty, rows}"""
        return {
            "imported": self.imported,
            "earlier_s": self.earlier_s,
            "cards": len(self.rows),
            "balance_fen": self.balance_fen,
            "points": self.points,
            "faulty": len(self.faulty),
            "rows": [
                {
                    "row": row.row,
                    "number": row.number,
                    "uid": row.uid.hex().upper(),
                    "balance_fen": row.balance_fen,
                    "points": row.points,
                    "errors": [{"column": column, "error": sentence} for column, sentence in row.errors],
                }
                for row in self.rows
            ],
        }

    def lines(self) -> list[str]:
        """For a person: what stands in the way, then the sums."""
        told = [
            f"row {row.row}, {column}: {sentence}" for row in self.faulty for column, sentence in row.errors
        ]
        yuan = f"{self.balance_fen // 100}.{self.balance_fen % 100:02d}"
        told.append(f"{len(self.rows)} cards, {yuan} yuan, {self.points} points")
        return told


def take_over(database: Database, sheet: Sheet, name: str, who: str, second: str | None) -> Report:
    """All cards of the list with what they hold, or none; see check for what may be wrong. FileError.

    name: of the file; who: whose act it is, second: who said yes to it. The same file again does nothing.
    """
    with book(database) as books:
        report = check(books.connection, sheet)
        if report.earlier_s is not None or report.faulty:
            return report
        for row in report.rows:
            _card(books, row, who)
        books.connection.execute(
            "INSERT INTO imports (sha256, name, cards, balance_fen, points, who, second, at_s)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(sheet.sha256, name, len(report.rows), report.balance_fen, report.points),
                *(who, second, clock.now_s()),
            ),
        )
    report.imported = True
    return report


def check(connection: Connection, sheet: Sheet) -> Report:
    """What would come of it; writes nothing. FileError for the header or a list without cards."""
    report = Report(parsed(sheet))
    if not report.rows:
        raise FileError("The list names no cards: nothing follows its first row.")
    row = connection.execute("SELECT at_s FROM imports WHERE sha256 = ?", (sheet.sha256,)).fetchone()
    if row is not None:
        report.earlier_s = int(row["at_s"])
        return report
    for line in report.rows:
        _against_the_books(connection, line)
    return report


def _against_the_books(connection: Connection, row: Row) -> None:
    if row.number and numbers.is_taken(connection, row.number):
        row.wrong(NUMBER, f"{row.number} is in the books already")
    if not row.uid:
        return
    found = registry.newest(connection, row.uid)
    if found is not None:
        row.wrong(UID, f"{found.uid_hex} is in the books already, as {found.kind} card {found.number}")
    if holds(connection, row.uid):
        row.wrong(UID, f"{row.uid.hex().upper()} is on the hotlist")


def _card(books: Books, row: Row, who: str) -> None:
    card = plain.register(books, row.uid, who, row.number)
    if row.balance_fen:
        held.take_over(books, row.uid, card.issue, row.balance_fen, who)
    if row.points:
        owner = card_owner(row.uid, card.issue)
        account = books.open_(owner, POINTS, POINTS)
        why = Why(held.OPENING, f"{owner}:{POINTS}", who, books.booked_s)
        lots.earn(books, why, account, row.points, None)
