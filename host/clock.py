"""The one place that asks for the time, so that a test can set it."""

import time
from datetime import UTC, datetime


def now_s() -> int:
    """Seconds since 1970-01-01 UTC."""
    return int(time.time())


def text(at_s: int) -> str:
    """For people: 2026-03-01T10:20:30Z"""
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
