"""Cards that the host wants to talk to: money waits for them, or they may hold a top-up unknown to it.

Kiosks hold a list of them, so that the tap of any other card asks nobody. Each change of it has a number.
"""

from operator import attrgetter, itemgetter
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
    for (owner,) in connection.execute(sql, (2 * MARKS_MAX,)):  # a card has two of these accounts
        if len(found) == MARKS_MAX:
            break
        found.add(_card(owner)[0][-MARK_SIZE:])
    return b"".join(sorted(found))


def waits(connection: Connection) -> list[Wait]:
    """All that waits, the oldest first."""
    sql = f"SELECT id, owner, balance, last_transfer FROM accounts WHERE {_WAITS}"
    amounts_fen: dict[str, int] = {}
    came: dict[str, list[Row]] = {}  # what was paid and what was given
    for number, owner, balance, last in connection.execute(sql).fetchall():
        amounts_fen[owner] = amounts_fen.get(owner, 0) + balance
        came.setdefault(owner, []).extend(_came(connection, number, last)[0])
    booked_s, found = itemgetter("booked_s"), []
    for owner, rows in came.items():
        newest, oldest = max(rows, key=booked_s), min(rows, key=booked_s)
        found.append(Wait(*_card(owner), amounts_fen[owner], newest["who"], oldest["booked_s"]))
    return sorted(found, key=attrgetter("since_s"))


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


def _came(connection: Connection, account: int, last: int) -> tuple[list[Row], bool]:
    """What came to an account since it was last empty, the newest first; and: is that all of it?"""
    came: list[Row] = []
    while len(came) < TAKES_MAX:
        row = connection.execute(
            "SELECT e.credit_id, e.amount, e.credit_after, e.credit_before, e.debit_before, t.kind, t.who,"
            " t.booked_s FROM transfers e JOIN transactions t ON t.id = e.transaction_id WHERE e.id = ?",
            (last,),
        ).fetchone()
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
