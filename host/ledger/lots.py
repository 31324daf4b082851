"""Points and vouchers in lots: what was earned together expires together, and the oldest is spent first.

An account whose units expire is credited and debited through here alone, so that what remains of its lots is
its balance (verify holds the two against each other).
"""

from collections.abc import Iterable

from host.db.connection import Connection
from host.ledger.books import Books
from host.ledger.chart import HOUSE
from host.ledger.terms import LedgerError, Overdraft, Transfer, Why

EXPIRY = "expiry"
LOTS = "points"  # the kind of account whose units lie in lots
_LIVE = "account_id = ? AND remaining > 0 AND (expires_s IS NULL OR expires_s > ?)"


def earn(books: Books, why: Why, account_id: int, amount: int, expires_s: int | None) -> int:
    """Credit a lot; expires_s: from then on it can't be spent, None: never. The transaction's id.

    AlreadyBooked, LedgerError.
    """
    unit = books.account(account_id).unit
    issued = books.open_(HOUSE, "issued", unit)
    number = books.post(why, [Transfer(issued, account_id, amount)])
    books.flush()
    lot = books.account(account_id).last_transfer
    books.connection.execute(
        "INSERT INTO lots (transfer_id, account_id, amount, expires_s, remaining) VALUES (?, ?, ?, ?, ?)",
        (lot, account_id, amount, expires_s, amount),
    )
    return number


def lock(books: Books, account_ids: Iterable[int]) -> None:
    """These accounts, and those of `issued` that their units come from, are this unit of work's: all at once,
    or two writers would meet crosswise."""
    ids = sorted(account_ids)
    sql = (
        "SELECT i.id FROM accounts i WHERE i.owner = ? AND i.kind = 'issued' AND i.unit IN"
        f" (SELECT unit FROM accounts WHERE id IN {books.connection.INTS})"
    )
    there = books.connection.execute(sql, (HOUSE, books.connection.ints(ids))).fetchall()
    books.load({*ids, *(row["id"] for row in there)})


def spendable(connection: Connection, account_id: int, at_s: int) -> int:
    """How much of the account's unit can be spent at this time (Unix seconds)."""
    row = connection.execute(
        f"SELECT CAST(coalesce(sum(remaining), 0) AS BIGINT) AS n FROM lots WHERE {_LIVE}",
        (account_id, at_s),
    ).fetchone()
    return int(row["n"])


def spend(
    books: Books, why: Why, account_id: int, amount: int, to: int | None = None, at_s: int | None = None
) -> int:
    """Debit the oldest lots that had not expired at this time (None: now), to an account of the same unit
    (`issued` when None).

    The transaction's id. Overdraft when less can be spent; AlreadyBooked, LedgerError.
    """
    books.must_be_new(why)  # before the question whether there is enough: what is asked again was spent
    unit = books.account(account_id).unit  # nobody else spends from now on
    rows = books.connection.execute(
        f"SELECT transfer_id, remaining FROM lots WHERE {_LIVE} ORDER BY transfer_id",
        (account_id, books.booked_s if at_s is None else at_s),
    ).fetchall()
    there = sum(row["remaining"] for row in rows)
    if there < amount:
        raise Overdraft(f"{there} {unit} can be spent, {amount} is asked")
    return _use(books, why, account_id, amount, [tuple(row) for row in rows], to)


def expire(books: Books, who: str) -> list[int]:
    """Take what has expired by now off its accounts; the ids of the lots."""
    sql = (
        "SELECT transfer_id, account_id, remaining, expires_s FROM lots"
        " WHERE remaining > 0 AND expires_s <= ? ORDER BY expires_s, transfer_id"
    )
    due = {row["account_id"] for row in books.connection.execute(sql, (books.booked_s,)).fetchall()}
    lock(books, due)  # from here on nobody else takes from their lots
    found = books.connection.execute(sql, (books.booked_s,)).fetchall()
    rows = [row for row in found if row["account_id"] in due]
    for lot, account_id, remaining, expires_s in map(tuple, rows):
        why = Why(EXPIRY, f"lot:{lot}", who, expires_s)
        _use(books, why, account_id, remaining, [(lot, remaining)], None)
    return [row["transfer_id"] for row in rows]


def _use(
    books: Books, why: Why, account_id: int, amount: int, rows: list[tuple[int, int]], to: int | None
) -> int:
    unit = books.account(account_id).unit
    taker = books.open_(HOUSE, "issued", unit) if to is None else to
    if books.account(taker).kind == LOTS:
        raise LedgerError("points are earned, not moved: where they came from they had a lot")
    number = books.post(why, [Transfer(account_id, taker, amount)])
    books.flush()
    transfer = books.account(account_id).last_transfer
    left = amount
    for lot, remaining in rows:
        used = min(left, remaining)
        if not used:
            break
        left -= used
        books.connection.execute(
            "UPDATE lots SET remaining = remaining - ? WHERE transfer_id = ?", (used, lot)
        )
        books.connection.execute(
            "INSERT INTO lot_uses (transfer_id, lot_id, amount) VALUES (?, ?, ?)", (transfer, lot, used)
        )
    if left:
        raise LedgerError(f"lots of account {account_id} do not cover {amount}")
    return number
