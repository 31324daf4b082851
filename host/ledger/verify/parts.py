"""Divides the books into parts that can be checked each for itself."""

from collections.abc import Iterator

from host.db.connection import Connection
from host.ledger.verify.reported import Counters
from host.ledger.verify.walk import Part
from host.ledger.verify.whole import Stood

SIZE = 100_000  # rows


def walks(connection: Connection, begin: Stood, last: int, last_transfer: int) -> Iterator[Part]:
    """A partition's transactions after `begin` up to `last`."""
    first, first_transfer = begin.transaction + 1, begin.transfer + 1
    while first <= last:
        sql = "SELECT id FROM transactions WHERE id BETWEEN ? AND ? ORDER BY id LIMIT 1"
        lowest = connection.tuples(sql, (first, last))  # what is gone takes no time, however much it is
        end = min(lowest[0][0] + SIZE - 1, last) if lowest else last
        if not connection.tuples(sql, (end + 1, last)):
            end = last
        end_transfer = last_transfer if end == last else _before(connection, end + 1, last, last_transfer)
        end_transfer = max(first_transfer - 1, min(end_transfer, last_transfer))
        yield Part(first, end, first_transfer, end_transfer)
        first, first_transfer = end + 1, end_transfer + 1


def _before(connection: Connection, first: int, last: int, last_transfer: int) -> int:
    """The last transfer of the transactions below `first`."""
    rows = connection.tuples(
        "SELECT first_transfer FROM transactions WHERE id BETWEEN ? AND ? AND first_transfer IS NOT NULL"
        " ORDER BY id LIMIT 1",
        (first, last),
    )
    return int(rows[0][0]) - 1 if rows else last_transfer


def reads(
    connection: Connection, uptos: dict[tuple[int, int], int], begun: dict[tuple[int, int], int]
) -> Iterator[list[Counters]]:
    """All reports above those that were read before: lists of about SIZE. uptos, begun: by (kiosk, epoch)."""
    ready: list[Counters] = []
    size = 0
    for kiosk, epoch in sorted(set(uptos) | set(_senders(connection))):
        upto = uptos.get((kiosk, epoch), 0)
        first = begun.get((kiosk, epoch), 0) + 1
        while True:
            lowest = connection.tuples(
                "SELECT min(counter) FROM reports WHERE kiosk = ? AND epoch = ? AND counter >= ?",
                (kiosk, epoch, first),
            )[0][0]
            if lowest is None:
                if first <= upto:
                    ready.append(Counters(kiosk, epoch, first, upto, upto))
                break
            last = lowest + SIZE - 1
            top = connection.tuples(
                "SELECT max(counter) FROM reports WHERE kiosk = ? AND epoch = ? AND counter <= ?",
                (kiosk, epoch, last),
            )[0][0]
            ready.append(Counters(kiosk, epoch, first, last, upto))
            size += top - lowest + 1
            first = last + 1
            if size >= SIZE:
                yield ready
                ready, size = [], 0
    if ready:
        yield ready


def _senders(connection: Connection) -> Iterator[tuple[int, int]]:
    """(kiosk, epoch) that have reports, without reading those."""
    sender = (-1, -1)
    while True:
        rows = connection.tuples(
            "SELECT kiosk, epoch FROM reports WHERE (kiosk, epoch) > (?, ?) ORDER BY kiosk, epoch LIMIT 1",
            sender,
        )
        if not rows:
            return
        sender = rows[0]
        yield sender
