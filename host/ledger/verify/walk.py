"""Walks a part of one partition, transaction by transaction: the chain, and all that a row says of others.

What goes on beyond the part (an account's balance, a card's counters, what waits) is handed back as the ends
of what was seen, which host.ledger.verify.whole puts together. Written for speed: these few lines run for
every row there is.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from host.db.connection import Connection
from host.ledger import chain
from host.ledger.terms import PENDING, POSTED
from host.ledger.verify import promises
from host.ledger.verify.accounts import Accounts, Run
from host.ledger.verify.counters import Span
from host.ledger.verify.known import Known
from host.ledger.verify.promises import Faults
from host.ledger.verify.purses import CARD_KINDS, Move, Purses, loads
from host.ledger.verify.rows import Moves, chunks, link_of, plans

KIOSK_KINDS = frozenset(("sale", "settlement", "correction", "payment"))
END: tuple[Any, ...] = (None,) * 9


class Part(NamedTuple):
    """Transactions and their transfers by number, both ends inside."""

    first: int
    last: int
    first_transfer: int
    last_transfer: int


class Walked:
    """What a part showed."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.link = b""  # of its last transaction
        self.runs: list[Run] = []
        self.moves: list[Move] = []
        self.counters: dict[int, list[Span]] = {}  # by purse
        self.pending: dict[int, Moves] = {}
        self.ended: list[tuple[int, int, str, str, Moves]] = []  # id, what it ends, state, kind, moved


def walk(connection: Connection, known: Known, part: Part) -> Walked:
    """Every transaction and transfer of a part."""
    walker = _Walker(connection, known, part)
    walker.run()
    loads(connection, known, part[:2], walker.found.faults)
    return walker.found


class _Walker:
    def __init__(self, connection: Connection, known: Known, part: Part) -> None:
        self.found = Walked()
        self._add = self.found.faults.add
        self._connection = connection
        self._known = known
        self._part = part
        self._accounts = Accounts(known, self.found.faults)
        self._purses = Purses(known, self.found.faults)
        self._enter, self._move = self._accounts.enter, self._purses.move
        self._transfers = self._rows(part.first_transfer, part.last_transfer)
        self._next_transfer = part.first_transfer
        self._transfer = next(self._transfers, END)

    def _rows(self, first: int, last: int) -> Iterator[tuple[Any, ...]]:
        for _, rows in chunks(self._connection, chain.TRANSFER_COLUMNS, "transfers", first, last):
            yield from rows

    def run(self) -> None:
        """The whole part."""
        part, connection = self._part, self._connection
        link = link_of(connection, part.first - 1) or b""
        expected = start = part.first
        for end, rows in chunks(connection, f"{chain.COLUMNS}, link", "transactions", part.first, part.last):
            planned = plans(connection, start, end)
            start = end + 1
            for row in rows:
                number = row[0]
                if number != expected:
                    self._gap("transaction", expected, number)
                expected = number + 1
                text = self._transaction(row, planned.pop(number, ()))
                link = chain.link(link, text)
                if link != row[15]:
                    self._add(
                        promises.CHAIN, f"transaction {number} is not what was chained: its link differs"
                    )
                    link = bytes(row[15])
            for number in planned:
                self._add(promises.PLANNED, f"transaction {number} is planned, but it is not there")
        if expected != part.last + 1:
            self._gap("transaction", expected, part.last + 1)
        self._orphans(part.last_transfer + 1)
        if self._next_transfer != part.last_transfer + 1:
            self._gap("transfer", self._next_transfer, part.last_transfer + 1)
        self.found.link = link
        self.found.runs = self._accounts.runs
        self.found.moves = self._purses.moves
        self.found.counters = self._purses.counters

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
                self._add(
                    promises.ONCE, f"transaction {number} is {state}, but claims TMC {row[8]} of a card"
                )
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
