"""Which numbers of a kiosk the books hold: watermark and ranges per epoch, and the gaps that are open."""

from bisect import bisect_right

from host.db.connection import Connection
from protocol.wire import sequence

RANGES_MAX = 64  # what one acknowledgement carries


def note(connection: Connection, kiosk_no: int, epoch: int) -> None:
    """A number of this epoch was stored."""
    connection.execute(
        "INSERT INTO kiosk_epochs (kiosk, epoch) VALUES (?, ?) ON CONFLICT DO NOTHING", (kiosk_no, epoch)
    )


def held(connection: Connection, kiosk_no: int, epoch: int) -> tuple[int, list[list[int]]]:
    """(upto, ranges above it); moves the stored watermark along."""
    row = connection.execute(
        "SELECT upto FROM kiosk_epochs WHERE kiosk = ? AND epoch = ?", (kiosk_no, epoch)
    ).fetchone()
    stored = 0 if row is None else int(row["upto"])
    rows = connection.execute(
        "SELECT counter FROM reports WHERE kiosk = ? AND epoch = ? AND counter > ? ORDER BY counter",
        (kiosk_no, epoch, stored),
    )
    upto, ranges = sequence.compact([row["counter"] for row in rows], stored)
    if upto != stored:
        connection.execute(
            "UPDATE kiosk_epochs SET upto = ? WHERE kiosk = ? AND epoch = ?", (upto, kiosk_no, epoch)
        )
    return upto, ranges


def chosen(ranges: list[list[int]], counters: list[int]) -> list[list[int]]:
    """At most RANGES_MAX of the ranges, in order: those that hold these counters, then the lowest."""
    firsts = [first for first, _ in ranges]
    wanted = set()
    for counter in counters:
        at = bisect_right(firsts, counter) - 1
        if at >= 0 and counter <= ranges[at][1]:
            wanted.add(at)
    for at in range(len(ranges)):
        if len(wanted) >= RANGES_MAX:
            break
        wanted.add(at)
    return [ranges[at] for at in sorted(wanted)]


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
        "SELECT epoch, former + 1 AS first, counter - 1 AS last FROM (SELECT e.epoch, r.counter,"
        " lag(r.counter, 1, e.upto) OVER (PARTITION BY e.epoch ORDER BY r.counter) AS former"
        " FROM kiosk_epochs e JOIN reports r ON r.kiosk = e.kiosk AND r.epoch = e.epoch"
        " WHERE e.kiosk = ? AND r.counter > e.upto) spans WHERE counter > former + 1 ORDER BY epoch, first",
        (kiosk_no,),
    )
    return [dict(row) for row in rows]


def unsettled(connection: Connection, kiosk_no: int) -> int:
    """Sales whose answer was lost and that no card has decided yet."""
    row = connection.execute(
        "SELECT count(*) AS n FROM unsettled u WHERE u.kiosk = ? AND NOT EXISTS (SELECT 1 FROM settlements s"
        " WHERE s.kiosk = u.kiosk AND s.epoch = u.epoch AND s.counter = u.counter)",
        (kiosk_no,),
    ).fetchone()
    return int(row["n"])
