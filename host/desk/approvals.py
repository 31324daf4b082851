"""What one person may not do alone: asked by one, answered by another, done by asking for the act again.

An approval belongs to its act, which is done once, so it serves once. Nobody answers his own.
"""

from typing import Any

from host import clock, operators
from host.db.connection import Connection, Row
from host.db.engine import Database
from host.desk.acts import Act, Counter, Waits
from host.errors import Refused

EXPIRES_S = 24 * 3600
# The right that whoever answers must have besides "approve".
RIGHTS = {"exposure": "expose", "suspect": "settle"}
_SELECT = (
    "SELECT p.*, w.yes, w.reason AS answer_reason, w.answered_by, w.at_s AS answered_at_s,"
    " (SELECT count(*) FROM desk_answers d WHERE d.act = p.act) AS done"
    " FROM approvals p LEFT JOIN approval_answers w ON w.approval = p.id "
)


def must(database: Database, act: Act, kind: str, subject: str, amount_fen: int, reason: str) -> None:
    """Returns when a second person has said yes; Waits until then, Refused after a no or too late."""
    with database.write() as connection:
        row = connection.execute(_SELECT + "WHERE p.act = ?", (act.id,)).fetchone()
        if row is None:
            connection.execute(
                "INSERT INTO approvals (act, kind, subject, amount_fen, reason, asked_by, asked_at_s,"
                " expires_at_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(act.id, kind, subject, amount_fen, reason, act.operator.name),
                    *(clock.now_s(), clock.now_s() + EXPIRES_S),
                ),
            )
            row = connection.execute(_SELECT + "WHERE p.act = ?", (act.id,)).fetchone()
    state = _state(row)
    if state == "refused":
        why = f": {row['answer_reason']}" if row["answer_reason"] else ""
        raise Refused(403, "approval-refused", f"{row['answered_by']} said no{why}.")
    if state == "expired":
        raise Refused(409, "approval-expired", "Nobody said yes in time: ask anew, with a new key.")
    if state == "waits":
        raise Waits(to_json(row))
    if (row["kind"], row["subject"], row["amount_fen"]) != (kind, subject, amount_fen):
        sentence = "What was said yes to has changed since: ask anew, with a new key."
        raise Refused(409, "approval-changed", sentence)


def above(database: Database, act: Act, kind: str, limit_fen: int, subject: str, amount_fen: int) -> None:
    """A second person's yes is needed above the operator's limit."""
    if amount_fen > limit_fen:
        must(database, act, kind, subject, amount_fen, act.reason)


def approve(counter: Counter, act: Act) -> dict[str, Any]:
    """Yes or no to another's act: {approval}."""
    number, yes = act.asked["approval"], act.asked["yes"]
    with counter.database.write() as connection:
        row = find(connection, number)
        if row["asked_by"] == act.operator.name:
            raise Refused(403, "own-act", "You asked for this yourself: another person says yes or no.")
        operators.must(act.operator, RIGHTS.get(row["kind"], "approve"))
        state = _state(row)
        if row["answered_by"] == act.operator.name and bool(row["yes"]) == yes:
            return {"approval": to_json(row)}  # a host that was killed before it answered
        if state != "waits":
            raise Refused(409, "approval-over", f"Approval {number} is {state}: nothing waits for you.")
        connection.execute(
            "INSERT INTO approval_answers (approval, yes, reason, answered_by, at_s) VALUES (?, ?, ?, ?, ?)",
            (number, int(yes), act.reason, act.operator.name, clock.now_s()),
        )
        return {"approval": to_json(find(connection, number))}


def find(connection: Connection, number: int) -> Row:
    """Refused 404 for one that is not there."""
    row: Row | None = connection.execute(_SELECT + "WHERE p.id = ?", (number,)).fetchone()
    if row is None:
        raise Refused(404, "unknown-approval", f"There is no approval {number}.")
    return row


def of_act(connection: Connection, act: int) -> dict[str, Any] | None:
    """The approval that an act needs, if it needs one."""
    row = connection.execute(_SELECT + "WHERE p.act = ?", (act,)).fetchone()
    return None if row is None else to_json(row)


def newest(connection: Connection, before: int, limit: int) -> list[dict[str, Any]]:
    """Approvals with id below `before`, newest first."""
    rows = connection.execute(_SELECT + "WHERE p.id < ? ORDER BY p.id DESC LIMIT ?", (before, limit))
    return [to_json(row) for row in rows.fetchall()]


def to_json(row: Row) -> dict[str, Any]:
    """{id, act, kind, subject, amount_fen, reason, asked_by, asked_at, expires_at, state, answered_by,
    answered_at}"""
    return {
        **{name: row[name] for name in ("id", "act", "kind", "subject", "amount_fen", "reason", "asked_by")},
        "asked_at": row["asked_at_s"],
        "expires_at": row["expires_at_s"],
        "state": _state(row),
        "answered_by": row["answered_by"],
        "answered_at": row["answered_at_s"],
    }


def _state(row: Row) -> str:
    """waits, approved, done, refused or expired"""
    if row["done"]:
        return "done"
    if row["yes"] == 0:
        return "refused"
    if row["expires_at_s"] <= clock.now_s():
        return "expired"
    return "waits" if row["yes"] is None else "approved"
