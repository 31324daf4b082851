"""What a unit of work touches: accounts and purses, read once, changed in memory, written once."""

from collections.abc import Iterable
from itertools import chain
from operator import attrgetter
from typing import Any

from host.db.connection import Connection
from host.ledger.chart import CNY, KINDS, UNITS
from host.ledger.terms import Account, LedgerError, Purse

ACCOUNTS_MAX = 50_000  # kept from one unit of work to the next; about 1 KB each with the purse
_ACCOUNT = "a.id, a.owner, a.unit, a.kind, a.below_zero, a.balance, a.last_transfer"
_PURSE = "p.account_id, p.bonus_id, p.uid, p.issue, p.tmc, p.value_fen, p.missing, p.last_move"
_BALANCE = attrgetter("id", "balance", "last_transfer")
_STATE = attrgetter("account_id", "tmc", "value_fen", "missing", "last_move")


class Touched:
    """Accounts and purses by id. Nobody else changes them until the commit."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.accounts: dict[int, Account] = {}
        self.purses: dict[int, Purse] = {}
        self._names: dict[tuple[str, str, str], int] = {}
        self.beside: Any = None  # what others read and wrote, to be remembered along with these
        known = connection.remembered()
        if known is not None:
            self.accounts, self.purses, self._names, self.beside = known
        self._moved: set[int] = set()
        self._moved_purses: set[int] = set()

    def remember(self) -> None:
        """All is flushed: the next unit of work on this connection need not read what this one knows."""
        if len(self.accounts) <= ACCOUNTS_MAX:
            self.connection.remember((self.accounts, self.purses, self._names, self.beside))

    def load(self, ids: Iterable[int]) -> None:
        """Read accounts that will be touched, and their purses; nobody else changes them until the commit."""
        wanted = [number for number in ids if number not in self.accounts]
        if not wanted:
            return
        connection, given = self.connection, (self.connection.ints(wanted),)
        those = f"a.id IN {connection.INTS} ORDER BY a.id{connection.LOCKED}"
        for row in connection.tuples(f"SELECT {_ACCOUNT} FROM accounts a WHERE {those}", given):
            self.accounts[row[0]] = Account(*row)
            self._names[row[1], row[3], row[2]] = row[0]
        # in a statement of its own: one that waits for a lock sees other tables as they were before the wait
        sql = f"SELECT {_PURSE} FROM purses p WHERE p.account_id IN {connection.INTS} ORDER BY p.account_id"
        bonuses = []
        for row in connection.tuples(sql, given):
            self.purses[row[0]] = Purse(*row)
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
        self._moved_purses.add(purse.account_id)

    def _write_touched(self) -> None:
        """Each that moved, once."""
        accounts, purses = self.accounts, self.purses
        balances = chain.from_iterable(map(_BALANCE, map(accounts.__getitem__, sorted(self._moved))))
        self.connection.update_flat("accounts", "id", "balance, last_transfer", list(balances))
        states = chain.from_iterable(map(_STATE, map(purses.__getitem__, sorted(self._moved_purses))))
        self.connection.update_flat(
            "purses", "account_id", "tmc, value_fen, missing, last_move", list(states)
        )
        self._moved, self._moved_purses = set(), set()
