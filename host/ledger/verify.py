"""Promises 1, 3 and 4 of docs/architecture.md held against a live database, faults named row by row."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from host.ledger import accounts, evidence, purse

ROWS_NAMED_MAX = 20


@dataclass(frozen=True)
class Check:
    """One promise, and every row found against it."""

    name: str
    faults: list[str]

    def to_json(self) -> dict[str, Any]:
        """{name, ok, detail}; detail names at most ROWS_NAMED_MAX rows."""
        detail = "; ".join(self.faults[:ROWS_NAMED_MAX])
        if len(self.faults) > ROWS_NAMED_MAX:
            detail += f"; and {len(self.faults) - ROWS_NAMED_MAX} more"
        return {"name": self.name, "ok": not self.faults, "detail": detail}


def verify(connection: sqlite3.Connection) -> dict[str, Any]:
    """{ok, checks: [{name, ok, detail}], cards: [{uid, issue, balance_fen, tmc}]} of one moment."""
    checks = [Check(name, find(connection)) for name, find in CHECKS]
    return {
        "ok": all(not check.faults for check in checks),
        "checks": [check.to_json() for check in checks],
        "cards": [
            {"uid": uid.hex().upper(), "issue": issue, "balance_fen": balance, "tmc": tmc}
            for uid, issue, balance, tmc in _cards(connection)
        ],
    }


def _units(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT a.unit, sum(e.amount) AS total FROM entries e JOIN accounts a ON a.id = e.account_id"
        " GROUP BY a.unit HAVING total <> 0"
    )
    return [f"unit {row['unit']} sums to {row['total']}" for row in rows]


def _transactions(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT e.transaction_id AS id, a.unit, sum(e.amount) AS total FROM entries e"
        " JOIN accounts a ON a.id = e.account_id GROUP BY e.transaction_id, a.unit HAVING total <> 0"
    )
    return [f"transaction {row['id']} sums to {row['total']} {row['unit']}" for row in rows]


def _states(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT t.id, EXISTS (SELECT 1 FROM entries e WHERE e.transaction_id = t.id) AS moved,"
        " EXISTS (SELECT 1 FROM transaction_states s WHERE s.transaction_id = t.id AND s.state = 'posted')"
        " AS posted FROM transactions t WHERE moved <> posted"
    )
    return [
        f"transaction {row['id']} is posted without entries"
        if row["posted"]
        else f"transaction {row['id']} has entries but is not posted"
        for row in rows
    ]


def _balances(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT a.id, a.kind, a.owner, a.balance, coalesce(sum(e.amount), 0) AS total FROM accounts a"
        " LEFT JOIN entries e ON e.account_id = a.id GROUP BY a.id HAVING a.balance <> total"
    )
    return [
        f"account {row['id']} ({row['kind']} of {row['owner']}) says {row['balance']}, entries {row['total']}"
        for row in rows
    ]


def _running(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT id, balance_after, total FROM (SELECT id, balance_after, sum(amount)"
        " OVER (PARTITION BY account_id ORDER BY id) AS total FROM entries) WHERE balance_after <> total"
    )
    return [
        f"entry {row['id']} says {row['balance_after']} after it, should be {row['total']}" for row in rows
    ]


def _once(connection: sqlite3.Connection) -> list[str]:
    """That (UID, issue, TMC) and (kind, reference) are unique is the schema's; this is what joins them."""
    moved = connection.execute(
        "SELECT t.id FROM transactions t JOIN transaction_states s"
        " ON s.transaction_id = t.id AND s.state = 'posted'"
        " LEFT JOIN card_moves m ON m.transaction_id = t.id WHERE t.kind IN ('sale', 'settlement', 'load')"
        " GROUP BY t.id HAVING count(m.tmc) <> 1"
    )
    faults = [f"transaction {row['id']} does not belong to exactly one TMC" for row in moved]
    strays = connection.execute(
        "SELECT m.uid, m.issue, m.tmc, t.kind, t.reference FROM card_moves m"
        " LEFT JOIN transactions t ON t.id = m.transaction_id"
        " WHERE t.id IS NULL OR t.kind NOT IN ('sale', 'settlement', 'load')"
        " OR (t.reference || '.') NOT LIKE hex(m.uid) || '.' || m.issue || '.' || m.tmc || '.%'"
    )
    return faults + [
        f"card {row['uid'].hex().upper()} issue {row['issue']} TMC {row['tmc']} is booked as {row['kind']} "
        f"{row['reference']}"
        for row in strays
    ]


def _gaps(connection: sqlite3.Connection) -> list[str]:
    faults = []
    for uid, issue, _balance, _tmc in _cards(connection):
        if purse.has_gap(connection, uid, issue):
            for first, end in purse.missing_counters(connection, uid, issue):
                span = str(first) if first == end else f"{first} to {end}"
                faults.append(f"card {uid.hex().upper()} issue {issue}: nobody has reported TMC {span}")
    return faults


def _shadows(connection: sqlite3.Connection) -> list[str]:
    faults = []
    for uid, issue, balance, _tmc in _cards(connection):
        name = f"card {uid.hex().upper()} issue {issue}"
        move = purse.last_move(connection, uid, issue)
        reported = 0 if move is None else move.value_after_fen
        if balance != reported:
            faults.append(f"{name}: shadow {balance} fen, the card last said {reported}")
    return faults


def _cards(connection: sqlite3.Connection) -> list[tuple[bytes, int, int, int]]:
    """(uid, issue, shadow balance, highest TMC) of every card with an account."""
    found = []
    for row in connection.execute("SELECT owner, balance FROM accounts WHERE kind = 'card' AND unit = ?",
                                  (accounts.CNY,)):  # fmt: skip
        try:
            _, uid_hex, issue = row["owner"].split(":")
            uid = bytes.fromhex(uid_hex)
        except ValueError:  # no card's name; evidence.lives says so
            continue
        move = purse.last_move(connection, uid, int(issue))
        found.append((uid, int(issue), row["balance"], 0 if move is None else move.tmc))
    return found


CHECKS: list[tuple[str, Callable[[sqlite3.Connection], list[str]]]] = [
    ("every unit sums to zero", _units),
    ("every transaction sums to zero", _transactions),
    ("exactly the posted transactions have entries", _states),
    ("every balance equals the sum of its entries", _balances),
    ("every balance after an entry is right", _running),
    ("nothing is booked twice", _once),
    ("no counter of a card is missing", _gaps),
    ("every shadow equals what the card last said", _shadows),
    ("every card's values follow from one another", evidence.chain),
    ("every card's move, entry and top-up agree", evidence.amounts),
    ("every sale's income is at its kiosk", evidence.places),
    ("every card with money has a state", evidence.lives),
    ("every acknowledged debit is booked", evidence.reported),
    ("what is acknowledged in a row is held", evidence.watermarks),
    ("the file is whole", evidence.file),
]
