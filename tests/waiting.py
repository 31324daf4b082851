"""Waiting for what comes about in another thread or process."""

import time
from collections.abc import Callable


def until(condition: Callable[[], object], timeout_s: float = 20) -> None:
    """Look until it holds; AssertionError when the time is over."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not come about"
        time.sleep(0.005)
