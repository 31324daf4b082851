"""The host misses numbers and asks again: it was restored from a copy, or a report never came.

What the ring still has is wanted again. Reports stand in the order of their numbers, so it is looked for from
the newest slot back to the lowest number that is missing.
"""

import asyncio

from hal import duty
from kiosk import record, reports
from kiosk.ring import PER_BLOCK
from protocol.wire.kinds import U32
from protocol.wire.resend import RANGES_MAX


async def again(journal, epoch: int, missing: list) -> list:  # type: ignore[no-untyped-def]
    """Want these numbers' reports again; missing: [[first, last], ...] rising -> the same of those of which
    there is no report any more, at most RANGES_MAX. A number that was never given out is not missing."""
    if epoch > journal.epoch:
        return []
    above = journal.counter + 1  # nothing from there on is missing
    if epoch < journal.epoch:  # of an epoch that is over nobody knows where it ended, but what was named was
        above = max([0] + [last + 1 for _, last in missing if last < U32])
    gone: list = []
    rewritten, newest = {}, 0  # counter -> slot
    ring, serial = journal.ring, journal.ring.head
    while serial > ring.oldest():
        serial -= 1
        if serial % PER_BLOCK == 0:
            duty.check_in("sync")  # it may be thousands of slots, and many ranges for each
            await asyncio.sleep_ms(0)  # a card may lie on the reader meanwhile
        found = ring.brief(serial)
        if not found or not reports.KIND[found[1]] or ring.room(serial) < PER_BLOCK:
            continue  # of the block that is erased next nothing can be promised
        number = found[2:4]
        if number < (epoch, missing[0][0]) and not found[5]:
            break
        if found[2] != epoch:
            continue
        if found[1] == record.INTENT and found[5]:  # written anew, out of its order
            if _holds(missing, number[1]):
                rewritten.setdefault(number[1], serial)
        elif number[1] != newest:  # else the intent of a sale whose end was found
            newest = number[1]
            _add(gone, missing, newest + 1, above - 1)
            above = newest
            if _holds(missing, newest):
                journal.want_again(serial)
                rewritten.pop(newest, None)
    _add(gone, missing, 1, above - 1)
    for counter, serial in rewritten.items():
        journal.want_again(serial)
        gone = _without(gone, counter)
    return gone


def closed(journal, epoch: int, ranges: list) -> None:  # type: ignore[no-untyped-def]
    """The host is done with these open sales. OSError."""
    for serial in list(journal.open):
        found = journal.ring.brief(serial)
        if found and found[2] == epoch and _holds(ranges, found[3]) and not journal.full():
            journal.close(found[2:4])


def _holds(ranges: list, counter: int) -> bool:
    for first, last in ranges:
        if first <= counter <= last:
            return True
    return False


def _add(gone: list, missing: list, low: int, high: int) -> None:
    """What is missing from low to high is gone."""
    for first, last in missing:
        first, last = max(first, low), min(last, high)
        if first <= last and len(gone) < RANGES_MAX:
            gone.append([first, last])


def _without(ranges: list, counter: int) -> list:
    found = []
    for first, last in ranges:
        for part in ([first, min(last, counter - 1)], [max(first, counter + 1), last]):
            if part[0] <= part[1] and part not in found:
                found.append(part)
    return found
