"""Wakes whoever waits for something new in the books."""

import threading


class Bell:
    """Rung after each commit."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0
        self._closed = False

    @property
    def count(self) -> int:
        """How often it has rung: take it before looking, so that nothing is missed while looking."""
        return self._count

    @property
    def closed(self) -> bool:
        """True once nothing more will come."""
        return self._closed

    def ring(self) -> None:
        """Something was committed."""
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def close(self) -> None:
        """Let all waiters go, now and later."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wait(self, seen: int, timeout_s: float) -> bool:
        """Until it has rung after `seen`, is closed, or time is up; True when it has rung."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._count != seen, timeout_s)
            return self._count != seen
