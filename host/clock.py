"""The one place that asks for the time, so that a test can set it."""

import time


def now_s() -> int:
    """Seconds since 1970-01-01 UTC."""
    return int(time.time())
