"""The ledger as lines to look at: one per entry, in the order they were booked."""

import sqlite3
from typing import Any

LINES_MAX = 500

WHAT = {
    "load": ("充值", "top-up"),
    "sale": ("消费", "sale"),
    "settlement": ("补记消费", "sale settled later"),
    "correction": ("更正", "correction"),
}


def after(connection: sqlite3.Connection, entry_id: int, limit: int = LINES_MAX) -> list[dict[str, Any]]:
    """Lines above entry_id, oldest first, at most `limit`. amount_fen above zero is a credit."""
    rows = connection.execute(
        "SELECT e.id, t.booked_s, t.kind, a.kind AS account, a.owner, e.amount, e.balance_after, t.kiosk,"
        " t.card, t.reference, t.happened_s FROM entries e JOIN transactions t ON t.id = e.transaction_id"
        " JOIN accounts a ON a.id = e.account_id WHERE e.id > ? ORDER BY e.id LIMIT ?",
        (entry_id, limit),
    )
    return [_line(row) for row in rows]


def last(connection: sqlite3.Connection) -> int:
    """The newest line's id, 0 when there is none."""
    return int(connection.execute("SELECT coalesce(max(id), 0) AS last FROM entries").fetchone()["last"])


def _line(row: sqlite3.Row) -> dict[str, Any]:
    zh, en = WHAT.get(row["kind"], (row["kind"], row["kind"]))
    return {
        "id": row["id"],
        "at": row["booked_s"],
        "happened": row["happened_s"],
        "kind": row["kind"],
        "what": {"zh": zh, "en": en},
        "account": row["account"],
        "owner": row["owner"],
        "amount_fen": row["amount"],
        "balance_after_fen": row["balance_after"],
        "kiosk": row["kiosk"],
        "card": row["card"],
        "reference": row["reference"],
    }
