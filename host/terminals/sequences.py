"""Which numbers of a kiosk the books hold: watermark and ranges per epoch, and the gaps that are open.

They are kept as such, so that an acknowledgement costs the same whatever a kiosk has reported before, also
when one number is missing for good.
"""

from bisect import bisect_right
from collections.abc import Iterable

from host.db.connection import Connection

RANGES_MAX = 64  # what one acknowledgement carries
Epoch = tuple[int, int]  # kiosk, epoch


class Held:
    """All numbers up to `upto`, and the ranges [first, last] above it, rising and apart."""

    __slots__ = ("_as_read", "_moved", "ranges", "upto")

    def __init__(self, upto: int = 0, ranges: list[list[int]] | None = None) -> None:
        self.upto = upto
        self.ranges = ranges or []
        self._as_read = bool(self.ranges)
        self._moved = False

    def holds(self, counter: int) -> bool:
        """Was this number stored?"""
        if counter <= self.upto or not self.ranges:
            return counter <= self.upto
        at = bisect_right(self.ranges, counter, key=lambda pair: pair[0]) - 1
        return at >= 0 and counter <= self.ranges[at][1]

    def take(self, counter: int) -> None:
        """A number was stored; again changes nothing."""
        if counter == self.upto + 1:
            self.upto = counter
            self._moved = True
            if self.ranges and self.ranges[0][0] == counter + 1:
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
        self._moved = self._as_read = True
        joins_before = before is not None and before[1] == counter - 1
        joins_after = after is not None and after[0] == counter + 1
        if joins_before and joins_after:
            self.ranges[at - 1 : at + 1] = [[self.ranges[at - 1][0], self.ranges[at][1]]]
        elif joins_before:
            self.ranges[at - 1][1] = counter
        elif joins_after:
            self.ranges[at][0] = counter
        else:
            self.ranges.insert(at, [counter, counter])

    @property
    def moved(self) -> bool:
        """Must it be written?"""
        return self._moved

    @property
    def has_rows(self) -> bool:
        """Are there ranges to write, or rows of them to delete?"""
        return self._as_read

    def written(self) -> None:
        """The tables say the same now."""
        self._moved, self._as_read = False, bool(self.ranges)

    def chosen(self, counters: list[int]) -> list[list[int]]:
        """At most RANGES_MAX of the ranges, in order: those that hold these counters, then the lowest."""
        firsts = [first for first, _ in self.ranges]
        wanted = set()
        for counter in counters:
            at = bisect_right(firsts, counter) - 1
            if at >= 0 and counter <= self.ranges[at][1]:
                wanted.add(at)
        for at in range(len(self.ranges)):
            if len(wanted) >= RANGES_MAX:
                break
            wanted.add(at)
        return [self.ranges[at] for at in sorted(wanted)]


def held(connection: Connection, epochs: Iterable[Epoch]) -> dict[Epoch, Held]:
    """What the books hold of these epochs."""
    wanted = set(epochs)
    kiosks = connection.ints({kiosk for kiosk, _ in wanted})
    sql = f"SELECT kiosk, epoch, upto FROM kiosk_epochs WHERE kiosk IN {connection.INTS}"
    upto = {(row[0], row[1]): row[2] for row in connection.execute(sql, (kiosks,))}
    ranges: dict[Epoch, list[list[int]]] = {}
    sql = f"SELECT kiosk, epoch, first, last FROM kiosk_ranges WHERE kiosk IN {connection.INTS}"
    for kiosk, epoch, first, last in connection.execute(sql + " ORDER BY kiosk, epoch, first", (kiosks,)):
        ranges.setdefault((kiosk, epoch), []).append([first, last])
    return {epoch: Held(upto.get(epoch, 0), ranges.get(epoch)) for epoch in wanted}


def relearn(connection: Connection, epoch: Epoch, held: Held) -> None:
    """Take in what the reports hold above the watermark: for an epoch that says less than that."""
    sql = "SELECT counter FROM reports WHERE kiosk = ? AND epoch = ? AND counter > ? ORDER BY counter"
    for row in connection.execute(sql, (*epoch, held.upto)).fetchall():
        held.take(row[0])


def write(connection: Connection, epochs: dict[Epoch, Held]) -> None:
    """Where the epochs stand by now, for those that moved."""
    moved = [
        (epoch, stand) for epoch, stand in sorted(epochs.items(), key=lambda item: item[0]) if stand.moved
    ]
    connection.execute_many(
        "INSERT INTO kiosk_epochs (kiosk, epoch, upto) VALUES (?, ?, ?)"
        " ON CONFLICT (kiosk, epoch) DO UPDATE SET upto = excluded.upto",
        [(*epoch, stand.upto) for epoch, stand in moved],
    )
    apart = [(epoch, stand) for epoch, stand in moved if stand.has_rows]
    connection.execute_many(
        "DELETE FROM kiosk_ranges WHERE kiosk = ? AND epoch = ?", [epoch for epoch, _ in apart]
    )
    rows = [(*epoch, *pair) for epoch, stand in apart for pair in stand.ranges]
    connection.insert("kiosk_ranges", "kiosk, epoch, first, last", rows)
    for _, stand in moved:
        stand.written()


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
