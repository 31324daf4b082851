"""Cards that the host wants to talk to: money waits for them, or they may hold a top-up unknown to it.

Kiosks hold a list of them, so that the tap of any other card asks nobody. Each change of it has a number.
"""

from typing import NamedTuple

from host.db.connection import Connection, Row
from host.ledger.chart import CARD, card_owner
from protocol.wire.online import MARK_SIZE, MARKS_MAX

_WAITS = "kind IN ('waiting', 'waiting-bonus') AND balance > 0"  # by kind there is an index
TAKE = "take"  # the kind of what a customer paid for a card
TAKES_MAX = 50  # that are looked through for the oldest of what waits


class Wait(NamedTuple):
    """What waits for a card: who took the last of it, and when the first of it was taken."""

    uid: bytes
    issue: int
    amount_fen: int
    who: str
    since_s: int


def opened(connection: Connection, transaction_id: int, uid: bytes, issue: int) -> None:
    """A top-up is about to be sent to its card."""
    sql = "INSERT INTO open_loads (transaction_id, uid, issue) VALUES (?, ?, ?)"
    connection.execute(sql, (transaction_id, uid, issue))
    changed(connection)


def ended(connection: Connection, transaction_id: int) -> None:
    """The card took it, or never will."""
    connection.execute("DELETE FROM open_loads WHERE transaction_id = ?", (transaction_id,))
    changed(connection)


def changed(connection: Connection) -> None:
    """The list has another number."""
    connection.execute("UPDATE revisions SET revision = revision + 1 WHERE name = 'waiting'")


def version(connection: Connection) -> int:
    """Of the list; 0 before anything ever waited."""
    row = connection.execute("SELECT revision FROM revisions WHERE name = 'waiting'").fetchone()
    return int(row[0])


def is_wanted(connection: Connection, uid: bytes, issue: int) -> bool:
    """Is this card?"""
    found = connection.execute(
        "SELECT 1 FROM open_loads WHERE uid = ? AND issue = ? UNION ALL"
        f" SELECT 1 FROM accounts WHERE owner = ? AND {_WAITS} LIMIT 1",
        (uid, issue, card_owner(uid, issue)),
    )
    return found.fetchone() is not None


def marks(connection: Connection) -> bytes:
    """The ends of these cards' UIDs, MARKS_MAX at most."""
    rows = connection.execute("SELECT uid FROM open_loads ORDER BY transaction_id DESC LIMIT ?", (MARKS_MAX,))
    found = {bytes(row[0])[-MARK_SIZE:] for row in rows}
    sql = f"SELECT owner FROM accounts WHERE {_WAITS} ORDER BY id DESC LIMIT ?"
    for (owner,) in connection.execute(sql, (MARKS_MAX,)):
        if len(found) == MARKS_MAX:
            break
        found.add(_card(owner)[0][-MARK_SIZE:])
    return b"".join(sorted(found))


def waits(connection: Connection) -> list[Wait]:
    """All that waits, the oldest first."""
    rows = connection.execute(f"SELECT id, owner, balance, last_transfer FROM accounts WHERE {_WAITS}")
    found: dict[str, Wait] = {}
    for number, owner, balance, last in rows.fetchall():
        who, since_s = _taken(connection, number, last)
        wait = found.get(owner) or Wait(*_card(owner), 0, who, since_s)
        since_s = min(wait.since_s, since_s)
        found[owner] = wait._replace(amount_fen=wait.amount_fen + balance, since_s=since_s)
    return sorted(found.values(), key=lambda wait: wait.since_s)


def is_taken_by(connection: Connection, uid: bytes, issue: int, who: str) -> bool:
    """Did this person take from customers all that waits for a card? False where too much came to be sure."""
    rows = connection.execute(
        f"SELECT id, last_transfer FROM accounts WHERE owner = ? AND {_WAITS}", (card_owner(uid, issue),)
    )
    for number, last in rows.fetchall():
        came, whole = _came(connection, number, last)
        if not whole or any((row["kind"], row["who"]) != (TAKE, who) for row in came):
            return False
    return True


def _taken(connection: Connection, account: int, last: int | None) -> tuple[str, int]:
    """(who booked what came last, when the first of what is there still came)"""
    came, _ = _came(connection, account, last)
    return (came[0]["who"], came[-1]["booked_s"]) if came else ("", 0)


def _came(connection: Connection, account: int, last: int | None) -> tuple[list[Row], bool]:
    """What came to an account since it was last empty, the newest first; and: is that all of it?"""
    came: list[Row] = []
    for _ in range(TAKES_MAX):
        row = connection.execute(
            "SELECT e.credit_id, e.amount, e.credit_after, e.credit_before, e.debit_before, t.kind, t.who,"
            " t.booked_s FROM transfers e JOIN transactions t ON t.id = e.transaction_id WHERE e.id = ?",
            (last,),
        ).fetchone()
        if row is None:
            return came, False
        if row["credit_id"] != account:
            last = row["debit_before"]
            continue
        came.append(row)
        if row["credit_after"] == row["amount"]:
            return came, True
        last = row["credit_before"]
    return came, False


def _card(owner: str) -> tuple[bytes, int]:
    uid, _, issue = owner.removeprefix(CARD).partition(":")
    return bytes.fromhex(uid), int(issue)
