"""Which numbers of a kiosk the books hold: watermark and ranges per epoch, and the gaps that are open.

Kept as such: an acknowledgement costs the same whatever came before, also when a number is missing for good.
"""

from bisect import bisect_right
from collections.abc import Iterable

from host import alarms
from host.db.connection import Connection

RANGES_MAX = 64  # what one acknowledgement carries
RANGES_HELD_MAX = 10_000  # of one epoch; more are held as well, but no kiosk that works makes them
Epoch = tuple[int, int]  # kiosk, epoch


class Held:
    """All numbers up to `upto`, and the ranges [first, last] above it, rising and apart."""

    __slots__ = ("_touched", "moved", "ranges", "upto")

    def __init__(self, upto: int = 0, ranges: list[list[int]] | None = None) -> None:
        self.upto = upto
        self.ranges = ranges or []
        self.moved = False  # must it be written?
        self._touched: set[int] = set()  # first numbers of ranges that came, went or changed

    def holds(self, counter: int) -> bool:
        """Was this number stored?"""
        if counter <= self.upto or not self.ranges:
            return counter <= self.upto
        at = self._at(counter)
        return at >= 0 and counter <= self.ranges[at][1]

    def take(self, counter: int) -> None:
        """A number was stored; again changes nothing."""
        if counter == self.upto + 1:
            self.upto = counter
            self.moved = True
            if self.ranges and self.ranges[0][0] == counter + 1:
                self._touched.add(counter + 1)
                self.upto = self.ranges.pop(0)[1]
        elif counter > self.upto:
            self._insert(counter)

    def _insert(self, counter: int) -> None:
        at = bisect_right(self.ranges, [counter, counter])
        before = self.ranges[at - 1] if at else None
        if before is not None and counter <= before[1]:
            return
        after = self.ranges[at] if at < len(self.ranges) else None
        if after is not None and after[0] == counter:
            return
        self.moved = True
        joins_before = before is not None and before[1] == counter - 1
        joins_after = after is not None and after[0] == counter + 1
        if joins_after:
            self._touched.add(counter + 1)
        self._touched.add(self.ranges[at - 1][0] if joins_before else counter)
        if joins_before and joins_after:
            self.ranges[at - 1 : at + 1] = [[self.ranges[at - 1][0], self.ranges[at][1]]]
        elif joins_before:
            self.ranges[at - 1][1] = counter
        elif joins_after:
            self.ranges[at][0] = counter
        else:
            self.ranges.insert(at, [counter, counter])

    def changes(self) -> tuple[list[int], list[list[int]]]:
        """(first numbers of the rows to delete, ranges to insert) that bring the table to this."""
        if not self._touched:
            return [], []
        touched = sorted(self._touched)
        found = (self._at(first) for first in touched)
        return touched, [
            self.ranges[at] for at, first in zip(found, touched, strict=True) if self._begins(at, first)
        ]

    def _at(self, counter: int) -> int:
        """The place of the last range that begins at or below a number; -1 for none."""
        return bisect_right(self.ranges, counter, key=lambda pair: pair[0]) - 1

    def _begins(self, at: int, first: int) -> bool:
        return at >= 0 and self.ranges[at][0] == first

    def written(self) -> None:
        """The tables say the same now."""
        self.moved = False
        self._touched.clear()

    def chosen(self, counters: list[int]) -> list[list[int]]:
        """At most RANGES_MAX of the ranges, in order: those that hold these counters, then the lowest."""
        wanted = set()
        for counter in counters:
            at = self._at(counter)
            if at >= 0 and counter <= self.ranges[at][1]:
                wanted.add(at)
        for at in range(len(self.ranges)):
            if len(wanted) >= RANGES_MAX:
                break
            wanted.add(at)
        return [self.ranges[at] for at in sorted(wanted)]


def held(connection: Connection, epochs: Iterable[Epoch]) -> dict[Epoch, Held]:
    """What the books hold of these epochs. Others are not read: a kiosk may have made them costly."""
    kiosks: dict[int, set[int]] = {}  # by epoch
    for kiosk, epoch in epochs:
        kiosks.setdefault(epoch, set()).add(kiosk)
    found = {}
    for epoch, numbers in kiosks.items():
        asked = (epoch, connection.ints(numbers))
        where = f"WHERE epoch = ? AND kiosk IN {connection.INTS}"
        upto = dict(map(tuple, connection.execute(f"SELECT kiosk, upto FROM kiosk_epochs {where}", asked)))
        ranges: dict[int, list[list[int]]] = {}
        sql = f"SELECT kiosk, first, last FROM kiosk_ranges {where} ORDER BY kiosk, first"
        for kiosk, first, last in connection.tuples(sql, asked):
            ranges.setdefault(kiosk, []).append([first, last])
        for kiosk in numbers:
            found[kiosk, epoch] = Held(upto.get(kiosk, 0), ranges.get(kiosk))
    return found


def relearn(connection: Connection, epoch: Epoch, held: Held) -> None:
    """Take in what the reports hold above the watermark: for an epoch that says less than that."""
    sql = "SELECT counter FROM reports WHERE kiosk = ? AND epoch = ? AND counter > ? ORDER BY counter"
    for row in connection.execute(sql, (*epoch, held.upto)).fetchall():
        held.take(row[0])


def write(connection: Connection, epochs: dict[Epoch, Held]) -> None:
    """Where the epochs stand by now, for those that moved; of their ranges only those that changed."""
    moved = [(epoch, epochs[epoch]) for epoch in sorted(epochs) if epochs[epoch].moved]
    connection.execute_many(
        "INSERT INTO kiosk_epochs (kiosk, epoch, upto) VALUES (?, ?, ?)"
        " ON CONFLICT (kiosk, epoch) DO UPDATE SET upto = excluded.upto",
        [(*epoch, stand.upto) for epoch, stand in moved],
    )
    gone, come = [], []
    for epoch, stand in moved:
        firsts, ranges = stand.changes()
        gone += [(*epoch, first) for first in firsts]
        come += [(*epoch, *pair) for pair in ranges]
        if ranges and len(stand.ranges) > RANGES_HELD_MAX:
            _scattered(connection, *epoch)
    connection.execute_many("DELETE FROM kiosk_ranges WHERE kiosk = ? AND epoch = ? AND first = ?", gone)
    connection.insert("kiosk_ranges", "kiosk, epoch, first, last", come)
    for _, stand in moved:
        stand.written()


def _scattered(connection: Connection, kiosk_no: int, epoch: int) -> None:
    (name,) = connection.execute("SELECT name FROM kiosks WHERE number = ?", (kiosk_no,)).fetchone()
    alarms.raise_once(
        connection,
        "numbers-scattered",
        name,
        f"{name} leaves out more than {RANGES_HELD_MAX} numbers of epoch {epoch}, which costs time with each "
        "report: is it broken, or in wrong hands?",
    )


def epochs(connection: Connection, kiosk_no: int) -> dict[int, int]:
    """{epoch: highest counter seen}"""
    rows = connection.execute(
        "SELECT e.epoch, (SELECT coalesce(max(r.counter), 0) FROM reports r WHERE r.kiosk = e.kiosk"
        " AND r.epoch = e.epoch) AS seen FROM kiosk_epochs e WHERE e.kiosk = ?",
        (kiosk_no,),
    )
    return {row["epoch"]: row["seen"] for row in rows}


def gaps(connection: Connection, kiosk_no: int) -> list[dict[str, int]]:
    """Numbers nobody has reported: [{epoch, first, last}], listed until they come."""
    rows = connection.execute(
        "SELECT e.epoch, e.upto, r.first, r.last FROM kiosk_epochs e JOIN kiosk_ranges r ON r.kiosk = e.kiosk"
        " AND r.epoch = e.epoch WHERE e.kiosk = ? ORDER BY e.epoch, r.first",
        (kiosk_no,),
    )
    found = []
    former: dict[int, int] = {}
    for epoch, upto, first, last in map(tuple, rows):
        found.append({"epoch": epoch, "first": former.get(epoch, upto) + 1, "last": first - 1})
        former[epoch] = last
    return found


def unsettled(connection: Connection, kiosk_no: int) -> int:
    """Sales whose answer was lost and that no card has decided yet."""
    row = connection.execute(
        "SELECT count(*) AS n FROM unsettled u WHERE u.kiosk = ? AND NOT EXISTS (SELECT 1 FROM settlements s"
        " WHERE s.kiosk = u.kiosk AND s.epoch = u.epoch AND s.counter = u.counter)",
        (kiosk_no,),
    ).fetchone()
    return int(row["n"])
