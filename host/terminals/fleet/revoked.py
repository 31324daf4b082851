"""Kiosks that were stolen or given up: what they still say, and that they are told nothing.

A revoked kiosk has no session, so it gets no acknowledgement, no configuration and no hotlist. Of what it
says with its own key, a debit that the card's Transaction MAC proves is a fact all the same, since no kiosk
can make one: it is booked and flagged. Everything else is counted and a sample of it kept (rejections), and a
wrong TMV lists no card: a thief could list them all.

Registered anew a kiosk gets a secret of the next issue number, and from then on the old one authenticates
nothing. To be able to hear of its last sales, wait with that, or register the new kiosk under another name.
"""

from typing import Any

from host import clock
from host.cards import revision
from host.db.connection import Connection
from host.errors import Refused
from host.ledger import told

FLAG = "revoked kiosk"


def revoke(connection: Connection, name: str, reason: str, who: str) -> bool:
    """From now on; False when it was already. Refused 404 for no kiosk of ours."""
    row = connection.execute("SELECT number, issue FROM kiosks WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise Refused(404, "unknown-kiosk", f"There is no kiosk {name[:32]}.")
    inserted = connection.execute(
        "INSERT INTO kiosk_revocations (kiosk, issue, reason, who, at_s) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (row["number"], row["issue"], reason, who, clock.now_s()),
    ).rowcount
    connection.execute("UPDATE kiosk_sessions SET nonce = NULL WHERE kiosk = ?", (row["number"],))
    revision.raise_(connection)
    return bool(inserted)


def numbers(connection: Connection) -> frozenset[int]:
    """Of the kiosks that are revoked now."""
    rows = connection.execute(
        "SELECT k.number FROM kiosk_revocations r JOIN kiosks k ON k.number = r.kiosk AND k.issue = r.issue"
    )
    return frozenset(row[0] for row in rows)


def lives(connection: Connection) -> list[tuple[int, int]]:
    """(number, issue) of all that were ever revoked: their certificates stay on the list."""
    rows = connection.execute("SELECT kiosk, issue FROM kiosk_revocations ORDER BY kiosk, issue")
    return [(row[0], row[1]) for row in rows]


def former(connection: Connection) -> frozenset[tuple[int, int]]:
    """(number, issue) of secrets that were replaced: another worker may still take one for a kiosk's."""
    rows = connection.execute(
        "SELECT r.kiosk, r.issue FROM kiosk_revocations r JOIN kiosks k ON k.number = r.kiosk"
        " WHERE k.issue > r.issue"
    )
    return frozenset((row[0], row[1]) for row in rows)


def stand(connection: Connection) -> tuple[frozenset[int], frozenset[tuple[int, int]]]:
    """numbers() and former()"""
    return numbers(connection), former(connection)


def issue_anew(connection: Connection, number: int) -> int | None:
    """The issue number that a revoked kiosk's next secret has; None for one that is not revoked."""
    if number not in numbers(connection):
        return None
    row = connection.execute(
        "UPDATE kiosks SET issue = issue + 1 WHERE number = ? RETURNING issue", (number,)
    ).fetchone()
    # what the old device ran says nothing of the new one
    connection.execute("UPDATE kiosk_sessions SET runs = 0, heard_at_s = NULL WHERE kiosk = ?", (number,))
    return int(row[0])


def may_be_a_fact(kind: int, values: dict[str, Any]) -> bool:
    """Does a report tell a debit with a proof?"""
    return "tmv" in values and told.is_debit(kind, values)
