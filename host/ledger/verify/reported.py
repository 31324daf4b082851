"""Reports against the books: each is as it came, and what was acknowledged as booked is booked as told."""

import hashlib
from typing import Any, NamedTuple

from host.db.connection import Connection
from host.ledger import told
from host.ledger.purse import CardMove
from host.ledger.verify import promises
from host.ledger.verify.known import Known
from host.ledger.verify.promises import Faults
from protocol.wire import cbor, messages

# The stored content of a sale is, in the one form that CBOR has for it (docs/protocol.md): HEAD and uid,
# issue, amount, tmc, TMV and 8 bytes, value, and when it happened. So what a transaction should have been
# told as is put together and compared; all that is not just so goes the long way of host.ledger.told.
HEAD, ISSUE, AMOUNT, TMC, TMV, VALUE, HAPPENED = (
    b"\x82\x02\xa7\x01",
    b"\x02",
    b"\x03",
    b"\x04",
    b"\x05\x48",
    b"\x06",
    b"\x09",
)
TMV_SIZE = 8
NUMBERS_MAX = 1 << 18  # encodings kept
STEP = 5_000


class Counters(NamedTuple):
    """Reports of one kiosk and epoch, from first to last; upto: as far as all were acknowledged."""

    kiosk: int
    epoch: int
    first: int
    last: int
    upto: int


class Read(NamedTuple):
    """What a list of Counters showed; held: how many of each are at most upto."""

    faults: Faults
    held: list[int]


def read(connection: Connection, known: Known, ranges: list[Counters]) -> Read:
    """Every report of these ranges."""
    faults = Faults()
    reader = _Reader(connection, known, faults)
    return Read(faults, [reader.run(counters) for counters in ranges])


class _Numbers(dict[int, bytes]):
    """Numbers' encodings, each made once."""

    def __missing__(self, number: int) -> bytes:
        if len(self) > NUMBERS_MAX:
            self.clear()
        made = self[number] = bytes(cbor.encode(number))
        return made


class _Reader:
    def __init__(self, connection: Connection, known: Known, faults: Faults) -> None:
        self._connection = connection
        self._known = known
        self._faults = faults
        self._moved = known.moved
        self._numbers = _Numbers()
        self._heads = known.sale_heads

    def _head(self, purse: int | None) -> bytes | None:
        """How the content of a purse's sales begins."""
        if purse not in self._known.cards:
            return None
        uid, issue = self._known.cards[purse]
        head = self._heads[purse] = HEAD + cbor.encode(uid) + ISSUE + cbor.encode(issue) + AMOUNT
        return head

    def run(self, counters: Counters) -> int:
        kiosk, epoch, first, last, upto = counters
        sql = (
            "SELECT r.counter, r.sha256, r.body, r.code, r.transaction_id, t.id, t.purse, t.tmc,"
            " t.change_fen, t.value_fen, t.kiosk FROM reports r"
            " LEFT JOIN transactions t ON t.id = r.transaction_id"
            " WHERE r.kiosk = ? AND r.epoch = ? AND r.counter >= ? AND r.counter <= ?"
            f" ORDER BY r.counter LIMIT {STEP}"
        )
        name = self._known.kiosks.get(kiosk)
        if name is None:
            self._faults.add(promises.POINTERS, f"reports of kiosk {kiosk}, which is not there")
        held = 0
        while True:
            rows = self._connection.tuples(sql, (kiosk, epoch, first, last))
            for row in rows:
                if row[0] <= upto:
                    held += 1
                self._report(name or str(kiosk), kiosk, epoch, row)
            if len(rows) < STEP:
                return held
            first = rows[-1][0] + 1

    def _report(self, name: str, kiosk: int, epoch: int, row: tuple[Any, ...]) -> None:
        counter, digest, body, code, _, _, purse, tmc, change, value, place = row
        if hashlib.sha256(body).digest() != digest:
            self._broken(name, epoch, counter, "is not what came: its hash differs")
            return
        head = self._heads.get(purse) or self._head(purse)
        if head and place == name and code != messages.HELD and None not in (tmc, change, value):
            numbers = self._numbers
            head += numbers[-change] + TMC + numbers[tmc] + TMV
            tail = VALUE + numbers[value] + HAPPENED
            moved = self._moved and (*self._known.cards[purse], tmc) in self._moved
            if not moved and body.startswith(head) and body.startswith(tail, len(head) + TMV_SIZE):
                return
        self._look_closer(name, kiosk, epoch, row)

    def _broken(self, name: str, epoch: int, counter: int, what: str) -> None:
        self._faults.add(promises.BOOKED, f"report {name} {epoch}.{counter} {what}")

    def _look_closer(self, name: str, kiosk: int, epoch: int, row: tuple[Any, ...]) -> None:
        """What is not simply a sale that stands in the books as it was told."""
        counter, digest, body, code, said, number, purse, tmc, change, value, place = row
        if said is not None and number is None:
            self._faults.add(
                promises.POINTERS,
                f"report {name} {epoch}.{counter} is of transaction {said}, which is not there",
            )
        if code == messages.REFUSED:  # none of this protocol, so there is nothing to read
            if said is not None:
                self._broken(name, epoch, counter, f"was refused, and transaction {said} is booked for it")
            return
        try:
            kind, values = told.read(bytes(body))
        except ValueError as error:
            self._broken(name, epoch, counter, f"tells nothing: {error}")
            return
        if not told.is_debit(kind, values) or code not in (messages.BOOKED, messages.FLAGGED, messages.HELD):
            return
        move = told.move(values)
        if number is None:
            apart = code == messages.FLAGGED and self._kept_apart(kiosk, epoch, counter, digest)
            if not apart and not (code == messages.HELD and self._is_held(move)):
                self._broken(name, epoch, counter, f"was acknowledged, but {move.reference} is not booked")
            return
        uid, issue = self._known.cards.get(purse, (b"", 0))
        fault = None
        if (uid, issue, tmc) != (move.uid, move.issue, move.tmc):
            fault = f"was acknowledged, but transaction {number} is not of {move.reference}"
        elif CardMove(uid, issue, tmc, change, value) != move:
            fault = f"tells another debit of {move.reference} than is booked"
        elif self._known.moved.get((uid, issue, tmc), place) != name:
            fault = f"is booked as a sale of {self._known.moved.get((uid, issue, tmc), place)}"
        if fault and not (code == messages.HELD and self._alarmed(move)):
            self._broken(name, epoch, counter, fault)

    def _kept_apart(self, kiosk: int, epoch: int, counter: int, digest: bytes) -> bool:
        """Is it kept as a suspect, or was its kiosk's room for them full?"""
        sql = (
            "SELECT 1 FROM suspects WHERE kiosk = ? AND epoch = ? AND counter = ? AND sha256 = ? UNION ALL"
            " SELECT 1 FROM alarms a JOIN kiosks k ON k.name = a.subject WHERE a.code = 'suspects-full'"
            " AND k.number = ?"
        )
        return bool(self._connection.tuples(sql, (kiosk, epoch, counter, bytes(digest), kiosk)))

    def _is_held(self, move: CardMove) -> bool:
        """Do the books hold this counter? Which transaction does was too far back to look for."""
        sql = (
            "SELECT p.account_id FROM purses p JOIN accounts a ON a.id = p.account_id"
            " WHERE p.uid = ? AND p.issue = ? AND a.tmc >= ? AND NOT EXISTS"
        )
        gap = " (SELECT 1 FROM purse_gaps g WHERE g.account_id = p.account_id AND first <= ? AND last >= ?)"
        return bool(self._connection.tuples(sql + gap, (move.uid, move.issue, move.tmc, move.tmc, move.tmc)))

    def _alarmed(self, move: CardMove) -> bool:
        """Was it told to people that somebody else proves a counter that the books hold?"""
        sql = "SELECT 1 FROM alarms WHERE code = 'counter-twice' AND subject = ? LIMIT 1"
        return bool(self._connection.tuples(sql, (move.reference,)))
