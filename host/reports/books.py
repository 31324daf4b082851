"""The books as a stream: accounts, what was booked on some days, balances at their end.

Nothing is held in memory but what is being looked at: the database sorts and adds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from host.db.connection import Connection, Row

DAY_S = 86_400
EPOCH = date(1970, 1, 1)
EVER_S = 2**53  # later than anything


@dataclass(frozen=True)
class Days:
    """Which days of UTC: from and to, both with, or without an end."""

    first: date | None = None
    last: date | None = None

    @property
    def start_s(self) -> int:
        """The first second."""
        return -EVER_S if self.first is None else (self.first - EPOCH).days * DAY_S

    @property
    def end_s(self) -> int:
        """The second after the last."""
        return EVER_S if self.last is None else ((self.last - EPOCH).days + 1) * DAY_S


class Account(NamedTuple):
    """An account, by what names it."""

    kind: str
    owner: str


class Balance(NamedTuple):
    """Of one account in one unit: credits less debits."""

    account: Account
    unit: str
    amount: int


class Transfer(NamedTuple):
    """`amount` from one account to the other."""

    debit: Account
    credit: Account
    unit: str
    amount: int


@dataclass(frozen=True)
class Entry:
    """A posted transaction. notes: [(name, value)] of what else is known of it; link: of the hash chain."""

    id: int
    booked_s: int
    kind: str
    reference: str
    notes: list[tuple[str, str | int]]
    transfers: list[Transfer]

    @property
    def day(self) -> date:
        """The day it is booked on, UTC."""
        return day_of(self.booked_s)


def day_of(time_s: int) -> date:
    """The day of UTC."""
    return EPOCH + timedelta(days=time_s // DAY_S)


def moment(time_s: int) -> str:
    """ISO 8601, UTC; a number that no calendar reaches stays one."""
    try:
        return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return str(time_s)


def accounts(connection: Connection) -> Iterator[Account]:
    """Every account once, whatever its units, in the order of their opening."""
    rows = connection.stream(
        "SELECT a.kind, a.owner FROM accounts a WHERE NOT EXISTS (SELECT 1 FROM accounts b"
        " WHERE b.owner = a.owner AND b.kind = a.kind AND b.id < a.id) ORDER BY a.id"
    )
    for kind, owner in rows:
        yield Account(kind, owner)


# Transfers carry their transaction's number and stand in its order, in every partition.
_ENTRIES = (
    "SELECT t.id, t.booked_s, t.kind, coalesce(t.reference, planned.reference) AS reference, t.who, t.kiosk,"
    " hex(p.uid) AS uid, p.issue, t.tmc, t.ends, t.happened_s, hex(t.link) AS link,"
    " e.amount, d.kind AS debit_kind, d.owner AS debit_owner, d.unit, c.kind AS credit_kind,"
    " c.owner AS credit_owner"
    " FROM transfers e JOIN transactions t ON t.id = e.transaction_id"
    " JOIN accounts d ON d.id = e.debit_id JOIN accounts c ON c.id = e.credit_id"
    " LEFT JOIN transactions planned ON planned.id = t.ends LEFT JOIN purses p ON p.account_id = t.purse"
    " WHERE t.booked_s >= ? AND t.booked_s < ? ORDER BY e.id"
)


def entries(connection: Connection, days: Days) -> Iterator[Entry]:
    """Every posted transaction of these days, in the order of their numbers."""
    rows = connection.stream(_ENTRIES, (days.start_s, days.end_s))
    for _, group in groupby(rows, lambda row: row["id"]):
        yield _entry(list(group))


def _entry(rows: list[Row]) -> Entry:
    row = rows[0]
    notes: list[tuple[str, str | int]] = [("id", row["id"]), ("who", row["who"])]
    card = None if row["issue"] is None else f"{row['uid']}.{row['issue']}"  # hex(NULL) is "" in SQLite
    known = (("kiosk", row["kiosk"]), ("card", card), ("counter", row["tmc"]), ("ends", row["ends"]))
    notes += [(name, value) for name, value in known if value is not None]
    notes += [("happened", moment(row["happened_s"])), ("booked", moment(row["booked_s"]))]
    notes.append(("hash", row["link"].lower()))
    moved = [
        Transfer(
            Account(each["debit_kind"], each["debit_owner"]),
            Account(each["credit_kind"], each["credit_owner"]),
            each["unit"],
            each["amount"],
        )
        for each in rows
    ]
    reference = row["reference"] or ("" if card is None else f"{card}.{row['tmc']}")
    return Entry(row["id"], row["booked_s"], row["kind"], reference, notes, moved)


_BALANCES = "SELECT a.kind, a.owner, a.unit, a.balance{less} AS balance FROM accounts a{join} ORDER BY a.id"
_MOVED = (
    " LEFT JOIN (SELECT account_id, CAST(sum(amount) AS BIGINT) AS total FROM"
    " (SELECT e.debit_id AS account_id, -e.amount AS amount FROM transfers e"
    " JOIN transactions t ON t.id = e.transaction_id WHERE t.booked_s >= ?"
    " UNION ALL SELECT e.credit_id, e.amount FROM transfers e"
    " JOIN transactions t ON t.id = e.transaction_id WHERE t.booked_s >= ?) moves GROUP BY account_id) m"
    " ON m.account_id = a.id"
)


def balances(connection: Connection, before_s: int) -> Iterator[Balance]:
    """Every account's balance at that second: the one that is kept with it, less what was booked since."""
    parts = {"less": "", "join": ""}
    given: tuple[int, ...] = ()
    if before_s < EVER_S:
        parts = {"less": " - coalesce(m.total, 0)", "join": _MOVED}
        given = (before_s, before_s)
    for kind, owner, unit, balance in connection.stream(_BALANCES.format(**parts), given):
        yield Balance(Account(kind, owner), unit, balance)
