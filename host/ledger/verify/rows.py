"""Rows of the books by number, some at a time."""

from collections.abc import Iterator
from typing import Any

from host.db.connection import Connection
from host.ledger import chain

STEP = 5_000  # rows in memory at a time
# SQL: m is a transfer of transaction t. They lie one after the other, and no index finds them by transaction;
# "+" keeps SQLite from making one for each row that asks.
OF_T = "m.id >= t.first_transfer AND m.id < t.first_transfer + 8 AND +m.transaction_id = t.id"
Moves = tuple[tuple[int, int, int], ...]  # (debit, credit, amount)


def moved(kind: str, reference: str, account: str) -> str:
    """SQL: what the transaction of this kind and reference moved; account: m's end and its kind."""
    return (
        "coalesce((SELECT CAST(sum(m.amount) AS BIGINT) FROM transactions t"
        f" JOIN transfers m ON {OF_T} JOIN accounts a ON a.id = {account}"
        f" WHERE t.kind = '{kind}' AND t.reference = {reference}), 0)"
    )


def link_of(connection: Connection, number: int) -> bytes | None:
    """The link that a transaction carries, or what stands before a partition's first."""
    writer = chain.writer_of(number)
    if number == chain.first_number(writer):
        return chain.origin(writer)
    rows = connection.tuples("SELECT link FROM transactions WHERE id = ?", (number,))
    return bytes(rows[0][0]) if rows else None


def chunks(
    connection: Connection, columns: str, table: str, first: int, last: int
) -> Iterator[tuple[int, list[tuple[Any, ...]]]]:
    """(up to where, rows): by number from first to last, STEP rows at a time, at the end maybe none."""
    sql = f"SELECT {columns} FROM {table} WHERE id BETWEEN ? AND ? ORDER BY id LIMIT {STEP}"
    while True:
        rows = connection.tuples(sql, (first, last))
        if len(rows) < STEP:
            yield last, rows
            return
        yield rows[-1][0], rows
        first = rows[-1][0] + 1


def plans(connection: Connection, first: int, last: int) -> dict[int, Moves]:
    """What pending transactions from first to last will move."""
    planned: dict[int, Moves] = {}
    for number, *move in connection.tuples(
        "SELECT transaction_id, debit_id, credit_id, amount FROM plans WHERE transaction_id BETWEEN ? AND ?"
        " ORDER BY transaction_id, place",
        (first, last),
    ):
        planned[number] = (*planned.get(number, ()), tuple(move))
    return planned
