"""Cards as a part of the books tells of them: moves after one another, counters, values, top-ups."""

from typing import Any

from host.db.connection import Connection
from host.ledger.verify import promises
from host.ledger.verify.counters import Span, join, span
from host.ledger.verify.known import Known
from host.ledger.verify.promises import Faults

CARD_KINDS = frozenset(("sale", "settlement", "load", "refund", "payout", "found"))
Move = tuple[int, int | None, int]  # purse, the move before, the last: in a row


class Purses:
    """All purses that a part touches. counters: by purse, what was booked of them."""

    def __init__(self, known: Known, faults: Faults) -> None:
        self.counters: dict[int, list[Span]] = {}
        self._known = known
        self._faults = faults
        self._add = faults.add
        self._broken: list[Move] = []
        self._moves: dict[int, list[Any]] = {}  # purse -> [before, last]

    @property
    def moves(self) -> list[Move]:
        """Their moves in a row; one row a purse, where nobody else writes and nothing is wrong."""
        return [*self._broken, *((purse, before, last) for purse, (before, last) in self._moves.items())]

    def move(self, row: tuple[Any, ...], moved: list[tuple[int, int, int]]) -> None:
        """What a card's counter says, against its accounts, its moves before and its other counters."""
        number, kind, purse, tmc, change, value, before = row[0], row[3], *row[7:12]
        known = self._known
        if purse not in known.bonuses:
            self._add(promises.POINTERS, f"transaction {number} is of the purse {purse}, which is not there")
            return
        if kind not in CARD_KINDS or tmc is None or change is None or value is None:
            self._add(
                promises.ONCE, f"{known.card(purse)} TMC {tmc} is booked as {kind}: transaction {number}"
            )
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
                self._broken.append((purse, *chained))
            self._moves[purse] = [before, number]
        self._count(purse, tmc, change, value)

    def _count(self, purse: int, tmc: int, change: int, value: int) -> None:
        spans = self.counters.get(purse)
        if spans is None:
            self.counters[purse] = [span(tmc, change, value)]
            return
        newest = spans[-1]
        if newest[3] + 1 == tmc and newest[4] + change == value:
            newest[3] = tmc
            newest[4] = value
            return
        name_counters(self._faults, self._known.card(purse), *join(spans, span(tmc, change, value)))


def name_counters(
    faults: Faults, card: str, twice: list[int], differ: list[tuple[int, int, int, int]]
) -> None:
    """The sentences for what counters.join found."""
    for tmc in twice:
        faults.add(promises.ONCE, f"{card} TMC {tmc} is booked twice")
    for tmc, before, change, value in differ:
        faults.add(promises.VALUES, f"{card} TMC {tmc}: {before} and {change} do not make {value}")


def loads(connection: Connection, known: Known, bounds: tuple[int, int], faults: Faults) -> None:
    """Top-ups against what the card had to show. bounds: numbers of transactions, both inside."""
    rows = connection.tuples(
        "SELECT t.id, t.purse, t.tmc, t.change_fen, t.value_fen, l.tmc, l.amount_fen, l.value_after_fen"
        " FROM transactions t LEFT JOIN card_loads l ON l.transaction_id = coalesce(t.ends, t.id)"
        " LEFT JOIN purses p ON p.account_id = t.purse"
        " WHERE t.id BETWEEN ? AND ? AND t.kind IN ('load', 'refund', 'payout') AND (l.transaction_id IS NULL"
        " OR t.state = 'posted' AND (l.amount_fen IS DISTINCT FROM t.change_fen"
        " OR l.tmc IS DISTINCT FROM t.tmc OR l.value_after_fen IS DISTINCT FROM t.value_fen"
        " OR l.uid IS DISTINCT FROM p.uid OR l.issue IS DISTINCT FROM p.issue)) ORDER BY t.id",
        bounds,
    )
    for number, purse, tmc, change, value, load_tmc, amount, load_value in rows:
        card = known.card(purse) if purse in known.cards else f"transaction {number}"
        load = f"its top-up says {amount} to {load_value} at TMC {load_tmc}"
        faults.add(promises.MOVES, f"{card} TMC {tmc} moves {change} to {value}, {load}")
