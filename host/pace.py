"""How often something may happen: so often in so many seconds, and no more."""

import time
from collections import OrderedDict, deque


class Pace:
    """most in span_s seconds. The caller holds a lock."""

    def __init__(self, most: int, span_s: float) -> None:
        self._span_s = span_s
        self._times: deque[float] = deque(maxlen=most)

    def admit(self, most: int | None = None) -> bool:
        """Once more: may it be? Counts only what may. most: fewer than usual, this time."""
        most = most or self._times.maxlen or 1
        now_s = time.monotonic()
        if len(self._times) >= most and now_s - self._times[-most] < self._span_s:
            return False
        self._times.append(now_s)
        return True


class Paces:
    """A pace for each of many names, and one for all together. Remembers the names_max that came last."""

    def __init__(self, each: int, together: int, span_s: float, names_max: int) -> None:
        self._each, self._span_s, self._names_max = each, span_s, names_max
        self._together = Pace(together, span_s)
        self._by_name: OrderedDict[str, Pace] = OrderedDict()

    def admit(self, name: str) -> bool:
        """Once more by this name: may it be?"""
        pace = self._by_name.setdefault(name, Pace(self._each, self._span_s))
        self._by_name.move_to_end(name)
        if len(self._by_name) > self._names_max:
            self._by_name.popitem(last=False)
        return pace.admit() and self._together.admit()
