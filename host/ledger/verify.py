"""The books' promises held against a live database: every row that does not keep one is named."""

from typing import Any

from host.db.connection import Connection
from host.ledger import evidence
from host.ledger.rules import RULES, broken

ROWS_NAMED_MAX = 20


def verify(connection: Connection) -> dict[str, Any]:
    """{ok, checks: [{name, ok, detail}], cards: [{uid, issue, balance_fen, tmc}]} of one moment."""
    faults: dict[str, list[str]] = {}
    for name, query, sentence in RULES:
        faults.setdefault(name, []).extend(broken(connection, query, sentence))
    faults["every acknowledged debit is booked"] = evidence.reported(connection)
    faults["the file is whole"] = evidence.file(connection)
    return {
        "ok": not any(faults.values()),
        "checks": [_to_json(name, rows) for name, rows in faults.items()],
        "cards": _cards(connection),
    }


def _to_json(name: str, rows: list[str]) -> dict[str, Any]:
    """{name, ok, detail}; detail names at most ROWS_NAMED_MAX rows."""
    detail = "; ".join(rows[:ROWS_NAMED_MAX])
    if len(rows) > ROWS_NAMED_MAX:
        detail += f"; and {len(rows) - ROWS_NAMED_MAX} more"
    return {"name": name, "ok": not rows, "detail": detail}


def _cards(connection: Connection) -> list[dict[str, Any]]:
    """Shadow balance and highest counter of every card with an account."""
    rows = connection.execute(
        "SELECT hex(c.uid) AS uid, c.issue, a.balance AS balance_fen, coalesce((SELECT max(m.tmc)"
        " FROM card_moves m WHERE m.uid = c.uid AND m.issue = c.issue), 0) AS tmc FROM cards c"
        " JOIN accounts a ON a.owner = 'card:' || hex(c.uid) || ':' || c.issue AND a.kind = 'card'"
        " ORDER BY a.id"
    )
    return [dict(row) for row in rows]
