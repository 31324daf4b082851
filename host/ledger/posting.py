"""Transactions: post at once, or plan now and post or void later.

All entries of a transaction happen or none, and for every unit they sum to zero. Nothing here edits: a
pending transaction becomes posted or voided by a new state row, at most once.
"""

import sqlite3
from dataclasses import dataclass

from host import clock


class LedgerError(Exception):
    """A rule of the books refuses; str() says which."""


class AlreadyBooked(LedgerError):
    """This kind and reference is in the books."""


class Overdraft(LedgerError):
    """An account would go below zero where its kind forbids it."""


@dataclass(frozen=True)
class Move:
    """One entry to be: `amount` in the account's unit, a credit above zero."""

    account_id: int
    amount: int


@dataclass(frozen=True)
class Why:
    """What a transaction belongs to. kind and reference name it once and for all; happened_s is a hint."""

    kind: str
    reference: str
    who: str
    happened_s: int
    card: str | None = None
    kiosk: str | None = None


def post(connection: sqlite3.Connection, why: Why, moves: list[Move], by_report: bool = False) -> int:
    """Book a transaction now; its id. by_report: tells what a card did, so its shadow may go below zero.

    AlreadyBooked, Overdraft, LedgerError. Call inside Database.write().
    """
    _balanced(connection, moves)
    transaction_id = _open(connection, why)
    _state(connection, transaction_id, "posted", why.who)
    _enter(connection, transaction_id, moves, by_report)
    return transaction_id


def plan(connection: sqlite3.Connection, why: Why, moves: list[Move]) -> int:
    """Write down a transaction that waits for a card; nothing moves yet. AlreadyBooked, LedgerError."""
    _balanced(connection, moves)
    transaction_id = _open(connection, why)
    _state(connection, transaction_id, "pending", why.who)
    connection.executemany(
        "INSERT INTO plans (transaction_id, account_id, amount) VALUES (?, ?, ?)",
        [(transaction_id, move.account_id, move.amount) for move in moves],
    )
    return transaction_id


def post_planned(connection: sqlite3.Connection, transaction_id: int, who: str) -> None:
    """What a pending transaction planned happens. LedgerError when it is not pending any more."""
    _must_be_pending(connection, transaction_id)
    rows = connection.execute(
        "SELECT account_id, amount FROM plans WHERE transaction_id = ?", (transaction_id,)
    ).fetchall()
    _state(connection, transaction_id, "posted", who)
    _enter(connection, transaction_id, [Move(row["account_id"], row["amount"]) for row in rows], False)


def void_planned(connection: sqlite3.Connection, transaction_id: int, who: str) -> None:
    """A pending transaction will not happen. LedgerError when it is not pending any more."""
    _must_be_pending(connection, transaction_id)
    _state(connection, transaction_id, "voided", who)


def state(connection: sqlite3.Connection, transaction_id: int) -> str:
    """pending, posted or voided."""
    row = connection.execute(
        "SELECT state FROM transaction_states WHERE transaction_id = ? ORDER BY id DESC LIMIT 1",
        (transaction_id,),
    ).fetchone()
    if row is None:
        raise LedgerError(f"there is no transaction {transaction_id}")
    return str(row["state"])


def _must_be_pending(connection: sqlite3.Connection, transaction_id: int) -> None:
    found = state(connection, transaction_id)
    if found != "pending":
        raise LedgerError(f"transaction {transaction_id} is {found}, not pending")


def _balanced(connection: sqlite3.Connection, moves: list[Move]) -> None:
    if len(moves) < 2 or len({move.account_id for move in moves}) != len(moves):
        raise LedgerError("a transaction moves between two or more different accounts")
    sums: dict[str, int] = {}
    for move in moves:
        row = connection.execute("SELECT unit FROM accounts WHERE id = ?", (move.account_id,)).fetchone()
        if row is None:
            raise LedgerError(f"there is no account {move.account_id}")
        if type(move.amount) is not int or move.amount == 0:
            raise LedgerError("an amount is a whole number other than zero")
        sums[row["unit"]] = sums.get(row["unit"], 0) + move.amount
    for unit, total in sums.items():
        if total != 0:
            raise LedgerError(f"the transaction does not sum to zero in {unit}: {total}")


def _open(connection: sqlite3.Connection, why: Why) -> int:
    known = connection.execute(
        "SELECT id FROM transactions WHERE kind = ? AND reference = ?", (why.kind, why.reference)
    ).fetchone()
    if known is not None:
        raise AlreadyBooked(f"{why.kind} {why.reference} is in the books as transaction {known['id']}")
    cursor = connection.execute(
        "INSERT INTO transactions (kind, reference, who, card, kiosk, happened_s, booked_s)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (why.kind, why.reference, why.who, why.card, why.kiosk, why.happened_s, clock.now_s()),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _state(connection: sqlite3.Connection, transaction_id: int, name: str, who: str) -> None:
    connection.execute(
        "INSERT INTO transaction_states (transaction_id, state, who, at_s) VALUES (?, ?, ?, ?)",
        (transaction_id, name, who, clock.now_s()),
    )


def _enter(connection: sqlite3.Connection, transaction_id: int, moves: list[Move], by_report: bool) -> None:
    for move in moves:
        row = connection.execute(
            "SELECT owner, kind, balance, may_go_negative FROM accounts WHERE id = ?", (move.account_id,)
        ).fetchone()
        after = row["balance"] + move.amount
        allowed = row["may_go_negative"] or (by_report and row["kind"] == "card")
        if after < 0 and move.amount < 0 and not allowed:
            raise Overdraft(
                f"{row['kind']} of {row['owner']} holds {row['balance']}, {-move.amount} is asked"
            )
        connection.execute(
            "INSERT INTO entries (transaction_id, account_id, amount, balance_after) VALUES (?, ?, ?, ?)",
            (transaction_id, move.account_id, move.amount, after),
        )
        connection.execute("UPDATE accounts SET balance = ? WHERE id = ?", (after, move.account_id))
