"""What reversals of a batch may undo: the accounts that their payments and entries moved, and stays."""

from host.cards import passes
from host.cards.passes import MINUTES, VISITS
from host.db.connection import Connection
from host.ledger.chart import HOUSE, PASS
from host.terminals.reported.report import Report
from host.terminals.reported.sequences import Epoch
from protocol.wire import online

TRANSFERS_MAX = 8  # of one payment: principal and bonus


def undone(connection: Connection, ends: list[Report]) -> set[int]:
    """The accounts that what these say of whole payments and entries may touch."""
    back: dict[Epoch, list[int]] = {}
    for report in ends:
        if report.kind == online.REVERSAL:
            back.setdefault((report.kiosk.number, report.epoch), []).append(report.counter)
    found, passed = set[int](), set[int]()
    for epoch, counters in back.items():
        found |= accounts(connection, epoch, counters)
        passed |= stays(connection, epoch, counters)
    return found | locked(connection, passed) if passed else found


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


def stays(connection: Connection, epoch: Epoch, counters: list[int]) -> set[int]:
    """Passes by which cards came in or went out under these numbers."""
    sql = (
        "SELECT s.pass_id FROM stay_taps t JOIN stays s ON s.id = t.stay_id"
        f" WHERE t.kiosk = ? AND t.epoch = ? AND t.counter IN {connection.INTS}"
    )
    return {row[0] for row in connection.tuples(sql, (*epoch, connection.ints(counters)))}


def locked(connection: Connection, numbers: set[int]) -> set[int]:
    """All passes of the cards that have these, locked in their order, and the accounts to be locked then."""
    holders = {(card.uid, card.issue) for card in (passes.holder(connection, number) for number in numbers)}
    found = {one.id for holder in holders for one in passes.of_card(connection, *holder)}
    passes.lock(connection, found)
    sql = (
        f"SELECT a.id FROM passes p JOIN accounts a ON a.owner = '{PASS}' || p.id WHERE p.id IN"
        f" {connection.INTS} UNION SELECT id FROM accounts WHERE owner = ? AND kind = 'issued'"
        f" AND unit IN ('{MINUTES}', '{VISITS}')"
    )
    return {row[0] for row in connection.tuples(sql, (connection.ints(found), HOUSE))}
