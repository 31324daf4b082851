"""The chip's millisecond counter, for spans of time: it starts again at 0 every 12.4 days (2^30 ms)."""

import time

now = time.ticks_ms


def since(began) -> int:  # type: ignore[no-untyped-def]
    """Milliseconds since now() gave `began`, never negative; whole rounds of the counter are not seen."""
    return time.ticks_diff(now(), began) & 0x3FFF_FFFF
