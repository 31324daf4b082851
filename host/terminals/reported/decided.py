"""What reversals of a batch may undo: the accounts that their payments and entries moved."""

from host.db.connection import Connection
from host.terminals.reported.sequences import Epoch

TRANSFERS_MAX = 8  # of one payment: principal and bonus


def accounts(connection: Connection, epoch: Epoch, counters: list[int]) -> set[int]:
    """To be locked with all others of the batch: one after the other, two workers could meet crosswise."""
    taken = " UNION ALL ".join(
        f"SELECT transaction_id FROM {table} WHERE kiosk = ? AND epoch = ? AND counter IN {connection.INTS}"
        for table in ("payments", "entries")
    )
    sql = (
        f"SELECT e.debit_id, e.credit_id FROM ({taken}) d JOIN transactions t ON t.id = d.transaction_id"
        f" JOIN transfers e ON e.id >= t.first_transfer AND e.id < t.first_transfer + {TRANSFERS_MAX}"
        " AND e.transaction_id = t.id"
    )
    given = (*epoch, connection.ints(counters))
    return {side for row in connection.tuples(sql, given * 2) for side in row}
