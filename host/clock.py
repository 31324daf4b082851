"""The one place that asks for the time, so that a test can set it, and a simulator for all our processes."""

import os
import time
from contextlib import suppress
from datetime import UTC, datetime

# A file with the seconds that the clock is ahead of the machine's, read anew each time. Without it, or while
# no number is in it, the clock is the machine's.
AHEAD = os.environ.get("TAPLEDGER_CLOCK")


def now_s() -> int:
    """Seconds since 1970-01-01 UTC."""
    return int(time.time()) + (ahead_s(AHEAD) if AHEAD else 0)


def ahead_s(file: str) -> int:
    """What this file says."""
    with suppress(OSError, ValueError), open(file, encoding="ascii") as opened:
        return int(opened.read(20))
    return 0


def text(at_s: int) -> str:
    """For people: 2026-03-01T10:20:30Z"""
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
