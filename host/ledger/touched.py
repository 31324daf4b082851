"""What a unit of work touches: accounts and purses, read once, changed in memory, written once."""

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from host.db.connection import Connection
from host.ledger.chart import CNY, KINDS, UNITS
from host.ledger.terms import Account, LedgerError, Purse

ACCOUNTS_MAX = 50_000  # kept from one unit of work to the next; about 1 KB each with the purse
_ACCOUNT = "a.id, a.owner, a.unit, a.kind, a.below_zero, a.balance, a.last_transfer"
_STATE = "a.tmc, a.value_fen, a.missing, a.last_move"
_BALANCE = attrgetter("id", "balance", "last_transfer")
_SAID = attrgetter("tmc", "value_fen", "missing", "last_move")


class Touched:
    """Accounts and purses by id. Nobody else changes them until the commit."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.accounts: dict[int, Account] = {}
        self.purses: dict[int, Purse] = {}
        self._names: dict[tuple[str, str, str], int] = {}
        self.beside: Any = None  # what others read and wrote, to be remembered along with these
        self._ends: tuple[int, int, bytes] | None = None  # of the partition, where they are known
        known = connection.remembered()
        if known is not None:
            self.accounts, self.purses, self._names, self.beside, self._ends = known
        self._moved: set[int] = set()

    def remember(self) -> None:
        """All is flushed: the next unit of work on this connection need not read what this one knows."""
        if len(self.accounts) <= ACCOUNTS_MAX:
            known = self.accounts, self.purses, self._names, self.beside, self._ends
            self.connection.remember(known)

    def load(self, ids: Iterable[int]) -> None:
        """Read accounts that will be touched, and their purses; nobody else changes them until the commit."""
        wanted = [number for number in ids if number not in self.accounts]
        if not wanted:
            return
        connection, given = self.connection, (self.connection.ints(wanted),)
        those = f"a.id IN {connection.INTS} ORDER BY a.id{connection.LOCKED}"
        states = {}
        for row in connection.tuples(f"SELECT {_ACCOUNT}, {_STATE} FROM accounts a WHERE {those}", given):
            self.accounts[row[0]] = Account(*row[:7])
            self._names[row[1], row[3], row[2]] = row[0]
            states[row[0]] = row[7:]
        # in a statement of its own: one that waits for a lock sees other tables as they were before the wait
        sql = (
            "SELECT p.account_id, p.bonus_id, p.uid, p.issue FROM purses p"
            f" WHERE p.account_id IN {connection.INTS} ORDER BY p.account_id"
        )
        bonuses = []
        for row in connection.tuples(sql, given):
            self.purses[row[0]] = Purse(*row, *states[row[0]])
            if row[1] is not None:
                bonuses.append(row[1])
        if bonuses:
            self.load(bonuses)

    def account(self, number: int) -> Account:
        """An account of this unit of work; LedgerError when there is none of this id."""
        found = self.accounts.get(number)
        if found is None:
            self.load([number])
            found = self.accounts.get(number)
            if found is None:
                raise LedgerError(f"there is no account {number}")
        return found

    def open_(self, owner: str, kind: str, unit: str = CNY) -> int:
        """An account's id; opened when it is new. KeyError for a kind or unit that is not in the chart."""
        known = self._names.get((owner, kind, unit))
        if known is not None:
            return known
        below, _ = KINDS[kind].below_zero, UNITS[unit]
        row = (
            self.connection.execute(
                "INSERT INTO accounts (owner, unit, kind, below_zero) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (owner, kind, unit) DO NOTHING RETURNING id",
                (owner, unit, kind, below),
            ).fetchone()
            or self.connection.execute(
                "SELECT id FROM accounts WHERE owner = ? AND kind = ? AND unit = ?", (owner, kind, unit)
            ).fetchone()
        )
        self.load([row[0]])
        return int(row[0])

    def changed(self, purse: Purse) -> None:
        """A purse's state was set: it is written with the rest."""
        self._moved.add(purse.account_id)

    def _write_touched(self) -> None:
        """Each that moved, once; what a card said with its balance."""
        accounts, purses = self.accounts, self.purses
        plain: list[int | None] = []
        cards: list[int | None] = []
        for number in sorted(self._moved):
            purse = purses.get(number)
            if purse is None:
                plain += _BALANCE(accounts[number])
            else:
                cards += _BALANCE(accounts[number])
                cards += _SAID(purse)
        self.connection.update_flat("accounts", "id", "balance, last_transfer", plain)
        said = "balance, last_transfer, tmc, value_fen, missing, last_move"
        self.connection.update_flat("accounts", "id", said, cards)
        self._moved = set()
