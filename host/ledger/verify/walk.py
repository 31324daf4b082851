"""Walks a part of one partition, transaction by transaction: the chain, and all that a row says of others.

What goes on beyond the part (an account's balance, a card's counters, what waits) is handed back as the ends
of what was seen, which host.ledger.verify.whole puts together. Written for speed: these few lines run for
every row there is.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from host.db.connection import Connection
from host.db.dialect import BY_REPORT
from host.ledger import chain
from host.ledger.books import PENDING, POSTED
from host.ledger.chart import NEVER
from host.ledger.verify import promises
from host.ledger.verify.counters import Span, join, span
from host.ledger.verify.known import Known
from host.ledger.verify.promises import Faults

STEP = 5_000  # rows in memory at a time
CARD_KINDS = frozenset(("sale", "settlement", "load"))
KIOSK_KINDS = frozenset(("sale", "settlement", "correction"))
REPORT_KINDS = frozenset(BY_REPORT.replace("'", "").split(", "))
Moves = tuple[tuple[int, int, int], ...]  # (debit, credit, amount)
END: tuple[Any, ...] = (None,) * 9


class Part(NamedTuple):
    """Transactions and their transfers by number, both ends inside."""

    first: int
    last: int
    first_transfer: int
    last_transfer: int


class Run(NamedTuple):
    """Changes of an account in a row: what was before them, and what is after."""

    account: int
    before: int | None
    balance_before: int
    last: int
    balance: int


class Walked:
    """What a part showed."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.link = b""  # of its last transaction
        self.runs: list[Run] = []
        self.moves: list[tuple[int, int | None, int]] = []  # purse, the move before, the last: in a row
        self.counters: dict[int, list[Span]] = {}  # by purse
        self.pending: dict[int, Moves] = {}
        self.ended: list[tuple[int, int, str, str, Moves]] = []  # id, what it ends, state, kind, moved


def link_of(connection: Connection, number: int) -> bytes | None:
    """The link that a transaction carries, or what stands before a partition's first."""
    writer = chain.writer_of(number)
    if number == chain.first_number(writer):
        return chain.origin(writer)
    rows = connection.tuples("SELECT link FROM transactions WHERE id = ?", (number,))
    return bytes(rows[0][0]) if rows else None


def walk(connection: Connection, known: Known, part: Part) -> Walked:
    """Every transaction and transfer of a part."""
    walker = _Walker(connection, known, part)
    walker.run()
    _loads(connection, known, part, walker.found.faults)
    return walker.found


class _Walker:
    def __init__(self, connection: Connection, known: Known, part: Part) -> None:
        self.found = Walked()
        self._add = self.found.faults.add
        self._connection = connection
        self._known = known
        self._part = part
        self._runs: dict[int, list[Any]] = {}  # account -> [before, balance before, last, balance]
        self._moves: dict[int, list[Any]] = {}  # purse -> [before, last]
        self._transfers = self._rows(part.first_transfer, part.last_transfer)
        self._next_transfer = part.first_transfer
        self._transfer = next(self._transfers, END)

    def _rows(self, first: int, last: int) -> Iterator[tuple[Any, ...]]:
        sql = f"SELECT {chain.TRANSFER_COLUMNS} FROM transfers WHERE id BETWEEN ? AND ? ORDER BY id"
        for start in range(first, last + 1, STEP):
            yield from self._connection.tuples(sql, (start, min(start + STEP - 1, last)))

    def run(self) -> None:
        """The whole part."""
        part, connection = self._part, self._connection
        sql = f"SELECT {chain.COLUMNS}, link FROM transactions WHERE id BETWEEN ? AND ? ORDER BY id"
        plans = "SELECT transaction_id, debit_id, credit_id, amount FROM plans WHERE transaction_id BETWEEN ? AND ?"
        link = link_of(connection, part.first - 1) or b""
        expected = part.first
        for start in range(part.first, part.last + 1, STEP):
            bounds = (start, min(start + STEP - 1, part.last))
            planned: dict[int, Moves] = {}
            for number, *move in connection.tuples(f"{plans} ORDER BY transaction_id, place", bounds):
                planned[number] = (*planned.get(number, ()), tuple(move))  # type: ignore[arg-type]
            for row in connection.tuples(sql, bounds):
                number = row[0]
                if number != expected:
                    self._gap("transaction", expected, number)
                expected = number + 1
                text = self._transaction(row, planned.pop(number, ()))
                link = chain.link(link, text)
                if link != row[15]:
                    self._add(promises.CHAIN, f"transaction {number} is not what was chained: its link differs")
                    link = bytes(row[15])
            for number in planned:
                self._add(promises.PLANNED, f"transaction {number} is planned, but it is not there")
        if expected != part.last + 1:
            self._gap("transaction", expected, part.last + 1)
        self._orphans(part.last_transfer + 1)
        if self._next_transfer != part.last_transfer + 1:
            self._gap("transfer", self._next_transfer, part.last_transfer + 1)
        self.found.link = link
        self.found.runs += [Run(account, *run) for account, run in self._runs.items()]
        self.found.moves += [(purse, *move) for purse, move in self._moves.items()]

    def _gap(self, what: str, first: int, next_: int) -> None:
        span = f"{what} {first}" if next_ == first + 1 else f"{what}s {first} to {next_ - 1}"
        self._add(promises.CHAIN, f"{span} {'is' if next_ == first + 1 else 'are'} gone")

    def _orphans(self, below: int) -> None:
        """Transfers that stand before this number and were claimed by no transaction."""
        while self._transfer[0] is not None and self._transfer[0] < below:
            number, transaction = self._transfer[:2]
            self._add(
                promises.POINTERS,
                f"transfer {number} is of transaction {transaction}, which does not say so",
            )
            self._enter(self._transfer, "")
            self._advance()

    def _advance(self) -> None:
        number = self._transfer[0]
        if number != self._next_transfer:
            self._gap("transfer", self._next_transfer, number)
        self._next_transfer = number + 1
        self._transfer = next(self._transfers, END)

    def _transaction(self, row: tuple[Any, ...], planned: Moves) -> str:
        """One row; the text its link is over."""
        number, state, ends, kind, purse, first = row[0], row[1], row[2], row[3], row[7], row[12]
        moved: list[tuple[int, int, int]] = []
        text = ""
        if first is not None:
            if self._transfer[0] != first:
                self._orphans(first)
            while self._transfer[1] == number:
                transfer = self._transfer
                text += chain.transfer(transfer)
                moved.append(transfer[2:5])
                self._enter(transfer, kind)
                self._advance()
        if state == POSTED:
            if not moved:
                self._add(promises.POSTED, f"transaction {number} is posted without transfers")
            if kind in KIOSK_KINDS and self._known.sales.get(row[6]) not in [move[1] for move in moved]:
                self._add(promises.INCOME, f"transaction {number} of kiosk {row[6]} earns nothing there")
            if purse is not None:
                self._move(row, moved)
            elif kind in CARD_KINDS:
                self._add(promises.ONCE, f"transaction {number} does not belong to exactly one TMC")
        else:
            if moved or first is not None:
                self._add(promises.POSTED, f"transaction {number} has transfers but is {state}")
            if purse is not None:
                self._add(promises.ONCE, f"transaction {number} is {state}, but claims TMC {row[8]} of a card")
        if planned or state == PENDING:
            self._planned(number, state, planned)
            text += "".join([chain.planned(*move) for move in planned])
        if ends is not None:
            self.found.ended.append((number, ends, state, kind, tuple(moved)))
        elif state not in (POSTED, PENDING):
            self._add(promises.ENDED, f"transaction {number} is {state}, but ends none")
        return chain.line(row[:15], text)

    def _planned(self, number: int, state: str, planned: Moves) -> None:
        if state != PENDING or not planned:
            said = f"planned {int(bool(planned))}, pending {int(state == PENDING)}"
            self._add(promises.PLANNED, f"transaction {number}: {said}")
        if state == PENDING:
            self.found.pending[number] = planned

    def _enter(self, transfer: tuple[Any, ...], kind: str) -> None:
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
            self._add(
                promises.AFTER,
                f"transfer {number} says account {account} holds {after} after it, should be {run[3] + change}",
            )
            run[2:] = number, after
            return
        if run is not None:
            self.found.runs.append(Run(account, *run))
        self._runs[account] = [before, after - change, number, after]

    def _move(self, row: tuple[Any, ...], moved: list[tuple[int, int, int]]) -> None:
        """What a card's counter says, against its accounts, its moves before and its other counters."""
        number, kind, purse, tmc, change, value, before = row[0], row[3], *row[7:12]
        known = self._known
        if purse not in known.bonuses:
            self._add(
                promises.POINTERS, f"transaction {number} is of the purse {purse}, which is not there"
            )
            return
        if kind not in CARD_KINDS or tmc is None or change is None or value is None:
            self._add(promises.ONCE, f"{known.card(purse)} TMC {tmc} is booked as {kind}: transaction {number}")
            return
        entered, own = 0, (purse, known.bonuses[purse] or purse)
        for debit, credit, amount in moved:
            if credit in own:
                entered += amount
            if debit in own:
                entered -= amount
        if entered != change:
            self._add(
                promises.MOVES,
                f"{known.card(purse)} TMC {tmc} moves {change}, transaction {number} enters {entered}",
            )
        chained = self._moves.get(purse)
        if chained is not None and chained[1] == before:
            chained[1] = number
        else:
            if chained is not None:
                self.found.moves.append((purse, *chained))
            self._moves[purse] = [before, number]
        self._count(purse, tmc, change, value)

    def _count(self, purse: int, tmc: int, change: int, value: int) -> None:
        spans = self.found.counters.get(purse)
        if spans is None:
            self.found.counters[purse] = [span(tmc, change, value)]
            return
        newest = spans[-1]
        if newest[3] + 1 == tmc and newest[4] + change == value:
            newest[3] = tmc
            newest[4] = value
            return
        name_counters(self.found.faults, self._known.card(purse), *join(spans, span(tmc, change, value)))


def name_counters(
    faults: Faults, card: str, twice: list[int], differ: list[tuple[int, int, int, int]]
) -> None:
    """The sentences for what counters.join found."""
    for tmc in twice:
        faults.add(promises.ONCE, f"{card} TMC {tmc} is booked twice")
    for tmc, before, change, value in differ:
        faults.add(promises.VALUES, f"{card} TMC {tmc}: {before} and {change} do not make {value}")


def _loads(connection: Connection, known: Known, part: Part, faults: Faults) -> None:
    """Top-ups against what the card had to show."""
    rows = connection.tuples(
        "SELECT t.id, t.purse, t.tmc, t.change_fen, t.value_fen, l.tmc, l.amount_fen, l.value_after_fen"
        " FROM transactions t LEFT JOIN card_loads l ON l.transaction_id = coalesce(t.ends, t.id)"
        " LEFT JOIN purses p ON p.account_id = t.purse"
        " WHERE t.id BETWEEN ? AND ? AND t.kind = 'load' AND (l.transaction_id IS NULL"
        " OR t.state = 'posted' AND (l.amount_fen IS DISTINCT FROM t.change_fen"
        " OR l.tmc IS DISTINCT FROM t.tmc OR l.value_after_fen IS DISTINCT FROM t.value_fen"
        " OR l.uid IS DISTINCT FROM p.uid OR l.issue IS DISTINCT FROM p.issue)) ORDER BY t.id",
        (part.first, part.last),
    )
    for number, purse, tmc, change, value, load_tmc, amount, load_value in rows:
        card = known.card(purse) if purse in known.cards else f"transaction {number}"
        faults.add(
            promises.MOVES,
            f"{card} TMC {tmc} moves {change} to {value}, its top-up says {amount} to {load_value} at TMC {load_tmc}",
        )
