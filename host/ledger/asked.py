"""What is asked of single transactions."""

from host.db.connection import Connection
from host.ledger.terms import TRANSFERS_MAX, LedgerError, Transfer


def transfers_of(connection: Connection, transaction_id: int, first: int) -> list[Transfer]:
    """What a posted transaction moved; first: its first_transfer."""
    rows = connection.execute(
        "SELECT debit_id, credit_id, amount FROM transfers WHERE id BETWEEN ? AND ? AND transaction_id = ?"
        " ORDER BY id",
        (first, first + TRANSFERS_MAX, transaction_id),
    )
    return [Transfer(*row) for row in rows]


def state_of(connection: Connection, transaction_id: int) -> str:
    """pending, posted, voided or expired; LedgerError when there is no such transaction."""
    row = connection.execute(
        "SELECT state FROM transactions WHERE id = ? OR ends = ? ORDER BY ends IS NULL LIMIT 1",
        (transaction_id, transaction_id),
    ).fetchone()
    if row is None:
        raise LedgerError(f"there is no transaction {transaction_id}")
    return str(row["state"])
