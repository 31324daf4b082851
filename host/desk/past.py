"""Acts as they were asked for and answered: to be shown, printed and asked for again."""

import json
from typing import Any

from host.db.connection import Connection, Row
from host.desk import approvals
from host.errors import Refused

_SELECT = (
    "SELECT a.id, a.kind, a.operator, a.key, a.asked, a.began_at_s, r.answer FROM desk_acts a"
    " LEFT JOIN desk_answers r ON r.act = a.id "
)
# Those not done that wait for a second person, or that took money already.
_OPEN = (
    "WHERE a.operator = ? AND r.act IS NULL AND a.asked IS NOT NULL AND (EXISTS (SELECT 1 FROM approvals p"
    " LEFT JOIN approval_answers w ON w.approval = p.id WHERE p.act = a.id AND p.expires_at_s > ?"
    " AND coalesce(w.yes, 1) = 1) OR EXISTS (SELECT 1 FROM transactions t WHERE"
    " t.kind IN ('take', 'account-load') AND t.reference = 'act:' || CAST(a.id AS TEXT)))"
    " ORDER BY a.id DESC LIMIT 20"
)


def find(connection: Connection, number: int) -> dict[str, Any]:
    """{act, kind, operator, key, asked, began_at, answer | None, approval | None}; Refused 404."""
    row: Row | None = connection.execute(_SELECT + "WHERE a.id = ?", (number,)).fetchone()
    if row is None:
        raise Refused(404, "unknown-act", f"There is no act {number}.")
    return _to_json(connection, row)


def by_key(connection: Connection, operator: str, key: str) -> dict[str, Any] | None:
    """The same of an operator's key; None while nothing was begun under it."""
    row = connection.execute(_SELECT + "WHERE a.operator = ? AND a.key = ?", (operator, key)).fetchone()
    return None if row is None else _to_json(connection, row)


def unfinished(connection: Connection, operator: str, now_s: int) -> list[dict[str, Any]]:
    """An operator's acts that ask to be finished, the newest first."""
    rows = connection.execute(_SELECT + _OPEN, (operator, now_s)).fetchall()
    return [_to_json(connection, row) for row in rows]


def _to_json(connection: Connection, row: Row) -> dict[str, Any]:
    return {
        "act": row["id"],
        "kind": row["kind"],
        "operator": row["operator"],
        "key": row["key"],
        "asked": None if row["asked"] is None else json.loads(row["asked"]),
        "began_at": row["began_at_s"],
        "answer": None if row["answer"] is None else json.loads(row["answer"]),
        "approval": approvals.of_act(connection, row["id"]),
    }
