"""Shifts as the books keep them: whose drawer is open, its counts, what it holds."""

from typing import Any

from host.db.connection import Connection, Row
from host.ledger import drawers

OPEN = (
    "SELECT s.id, s.operator, s.opened_at_s FROM shifts s WHERE NOT EXISTS (SELECT 1 FROM drawer_counts c"
    " WHERE c.shift = s.id AND c.what = 'closed') "
)


def open_shift(connection: Connection, operator: str) -> int | None:
    """The shift whose drawer this operator has open."""
    row = connection.execute(OPEN + "AND s.operator = ? ORDER BY s.id DESC LIMIT 1", (operator,)).fetchone()
    return None if row is None else int(row["id"])


def counts(connection: Connection, shift: int) -> list[Row]:
    """Its counts, the first one when it was opened."""
    sql = "SELECT * FROM drawer_counts WHERE shift = ? ORDER BY id"
    return connection.execute(sql, (shift,)).fetchall()


def to_json(connection: Connection, shift: int) -> dict[str, Any]:
    """{shift, drawer_of, opened_at, open, holds_fen, counts: [{what, expected_fen, counted_fen, who, at}]}"""
    row = connection.execute("SELECT operator, opened_at_s FROM shifts WHERE id = ?", (shift,)).fetchone()
    counted = counts(connection, shift)
    names = ("what", "expected_fen", "counted_fen", "who")
    return {
        "shift": shift,
        "drawer_of": row["operator"],
        "opened_at": row["opened_at_s"],
        "open": all(count["what"] != "closed" for count in counted),
        "holds_fen": drawers.holds_fen(connection, shift),
        "counts": [{**{name: count[name] for name in names}, "at": count["at_s"]} for count in counted],
    }


def newest(connection: Connection, before: int, limit: int) -> list[dict[str, Any]]:
    """Shifts with id below `before`, newest first."""
    sql = "SELECT id FROM shifts WHERE id < ? ORDER BY id DESC LIMIT ?"
    return [to_json(connection, row["id"]) for row in connection.execute(sql, (before, limit)).fetchall()]
