"""Accounts as a part of the books changes them: each change after the one before it."""

from typing import Any, NamedTuple

from host.db.dialect import BY_REPORT
from host.ledger.chart import NEVER
from host.ledger.verify import promises
from host.ledger.verify.known import Known
from host.ledger.verify.promises import Faults

REPORT_KINDS = frozenset(BY_REPORT.replace("'", "").split(", "))


class Run(NamedTuple):
    """Changes of an account in a row: what was before them, and what is after."""

    account: int
    before: int | None
    balance_before: int
    last: int
    balance: int


class Accounts:
    """All accounts that a part touches."""

    def __init__(self, known: Known, faults: Faults) -> None:
        self._known = known
        self._add = faults.add
        self._broken: list[Run] = []
        self._runs: dict[int, list[Any]] = {}  # account -> [before, balance before, last, balance]

    @property
    def runs(self) -> list[Run]:
        """What was seen of them; one run an account, where nobody else writes and nothing is wrong."""
        return [*self._broken, *(Run(account, *run) for account, run in self._runs.items())]

    def enter(self, transfer: tuple[Any, ...], kind: str) -> None:
        """Both accounts of a transfer, each after what was before it."""
        number, _, debit, credit, amount, debit_after, credit_after, debit_before, credit_before = transfer
        runs = self._runs
        run = runs.get(debit)
        if run is not None and run[2] == debit_before and run[3] - amount == debit_after:
            run[2] = number
            run[3] = debit_after
        else:
            self._goes_on(debit, run, -amount, debit_after, debit_before, number)
        run = runs.get(credit)
        if run is not None and run[2] == credit_before and run[3] + amount == credit_after:
            run[2] = number
            run[3] = credit_after
        else:
            self._goes_on(credit, run, amount, credit_after, credit_before, number)
        units = self._known.units
        if units.get(debit) != units.get(credit):
            moves = f"transfer {number} goes from {units.get(debit)} to {units.get(credit)}"
            self._add(promises.TRANSACTIONS, f"transaction {transfer[1]}: {moves}")
        if debit_after < 0 and debit in self._known.bounded:
            if kind in REPORT_KINDS and self._known.bounded[debit] != NEVER:
                return
            self._add(
                promises.BELOW_ZERO, f"transfer {number} leaves account {debit} at {debit_after}, as {kind}"
            )

    def _goes_on(
        self, account: int, run: list[Any] | None, change: int, after: int, before: int | None, number: int
    ) -> None:
        """A run begins, is broken, or goes on with another balance than it should."""
        if account not in self._known.units:
            self._add(promises.POINTERS, f"transfer {number} moves account {account}, which is not there")
        if run is not None and run[2] == before:
            should = run[3] + change
            sentence = f"transfer {number} says account {account} holds {after} after it, should be {should}"
            self._add(promises.AFTER, sentence)
            run[2:] = number, after
            return
        if run is not None:
            self._broken.append(Run(account, *run))
        self._runs[account] = [before, after - change, number, after]
