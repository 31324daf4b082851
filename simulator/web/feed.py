"""What open pages are told: each page has a listener that gathers what changed since it was last asked.

Nothing queues without bound: changed screen rows melt into one range, the state is sent as it is now, tones
and ledger lines are kept in short rings whose places every listener counts for itself.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Final

KEPT_LINES: Final = 200
_KEPT_TONES: Final = 64
_ROWS: Final = 240
# A screen is painted in strips; so long a page waits for more of them before it is told.
_GATHER_S: Final = 0.02

Event = tuple[str, Any]


class Ring:
    """The newest items, each with a number that only rises. The feed's lock guards it."""

    def __init__(self, size: int) -> None:
        self._items: deque[Any] = deque(maxlen=size)
        self.count = 0

    def add(self, item: Any) -> None:
        self._items.append(item)
        self.count += 1

    def since(self, number: int) -> list[Any]:
        """What was added after `number` items had been; at most what is kept."""
        new = min(self.count - number, len(self._items))
        return list(self._items)[len(self._items) - new :] if new > 0 else []


class Feed:
    """`state` gives the page's state as JSON values, `rows` the screen's rows from first to last as bytes."""

    def __init__(self, state: Callable[[], dict[str, Any]], rows: Callable[[int, int], bytes]) -> None:
        self.changed = threading.Condition()
        self.closed = False
        self._revision = 0
        self._state = state
        self._rows = rows
        self._lines = Ring(KEPT_LINES)
        self._tones = Ring(_KEPT_TONES)
        self._listeners: set[Listener] = set()

    def touch(self) -> None:
        """The state may have changed."""
        with self.changed:
            self._notify()

    def screen(self, first_row: int, last_row: int) -> None:
        """These rows of the screen changed."""
        with self.changed:
            for listener in self._listeners:
                listener.mark(first_row, last_row)
            self._notify()

    def tone(self, hertz: int) -> None:
        """The buzzer sounds with so many hertz from now on; 0 is silence."""
        with self.changed:
            self._tones.add({"hertz": hertz, "at_ms": time.monotonic_ns() // 1_000_000})
            self._notify()

    def line(self, line: dict[str, Any]) -> None:
        """A line of the ledger was booked."""
        with self.changed:
            self._lines.add(line)
            self._notify()

    def close(self) -> None:
        """End every listener."""
        with self.changed:
            self.closed = True
            self._notify()

    def listen(self, idle_s: float = 15.0) -> Iterator[list[Event]]:
        """For ever: what changed, first of all everything; an empty list after `idle_s` without a change."""
        listener = Listener()
        with self.changed:
            self._listeners.add(listener)
            listener.tones = self._tones.count
        try:
            while not self.closed:
                seen = self._revision
                yield self._gather(listener)
                self._wait_past(seen, idle_s)
                time.sleep(_GATHER_S)
        finally:
            with self.changed:
                self._listeners.discard(listener)

    def _wait_past(self, seen: int, timeout_s: float) -> None:
        with self.changed:
            self.changed.wait_for(lambda: self._revision != seen, timeout_s)

    def _notify(self) -> None:
        self._revision += 1
        self.changed.notify_all()

    def _gather(self, listener: "Listener") -> list[Event]:
        # Outside the lock: the state looks at parts of the world that have locks of their own.
        state = self._state()
        with self.changed:
            first, last = listener.take()
            lines, listener.lines = self._lines.since(listener.lines), self._lines.count
            tones, listener.tones = self._tones.since(listener.tones), self._tones.count
        events: list[Event] = []
        if first <= last:
            events.append(("screen", (first, self._rows(first, last))))
        if state != listener.state:
            listener.state = state
            events.append(("state", state))
        if lines:
            events.append(("ledger", lines))
        if tones:
            events.append(("tones", tones))
        return events


class Listener:
    """How far one page has been told."""

    def __init__(self) -> None:
        self.first, self.last = 0, _ROWS - 1
        self.lines = 0
        self.tones = 0
        self.state: dict[str, Any] | None = None

    def mark(self, first: int, last: int) -> None:
        self.first, self.last = min(self.first, first), max(self.last, last)

    def take(self) -> tuple[int, int]:
        """Rows that changed, first > last when none did; they count as told from now on."""
        taken = self.first, self.last
        self.first, self.last = _ROWS, -1
        return taken
