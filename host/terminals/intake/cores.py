"""A core each for two that work at the same time.

The one that writes to a socket is busy, so the system often wakes the one that reads on the same core, though
another is free: the writer of the books then stands still until its prover is done.
"""

import os
import threading
from contextlib import suppress
from typing import NamedTuple


class Given(NamedTuple):
    """A thread, and the cores on which it might run."""

    thread: int
    cores: set[int]


def apart(other: int) -> Given | None:
    """The other process has the last of our cores to itself, this thread all the rest. What to give back
    when the other ends; None where there is one core, or the system does not do this: nothing was done."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    mine = Given(threading.get_native_id(), os.sched_getaffinity(0))
    last = {max(mine.cores)}
    if mine.cores == last:
        return None
    try:
        os.sched_setaffinity(other, last)
        os.sched_setaffinity(mine.thread, mine.cores - last)
    except OSError:  # not allowed here: slower, and no more than that
        give_back(mine)
        return None
    return mine


def give_back(given: Given) -> None:
    """The thread may run where it might before, if there is still such a thread."""
    with suppress(OSError):
        os.sched_setaffinity(*given)
