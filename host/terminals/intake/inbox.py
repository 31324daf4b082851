"""What waits for the writer: bounded, so that a broker is not read faster than the books are written."""

import threading
from collections import deque
from collections.abc import Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Inbox(Generic[T]):
    """Many put, one takes. One lock for many items, and no timer."""

    def __init__(self, limit: int) -> None:
        self._items: deque[T] = deque()
        self._limit = limit
        self._changed = threading.Condition()
        self._closed = False

    def put(self, items: Sequence[T]) -> bool:
        """All of them, in order, once there is room for one; False when it is closed: nothing was taken."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._items) < self._limit)
            if self._closed:
                return False
            self._items.extend(items)
            self._changed.notify_all()
            return True

    def take(self, most: int) -> list[T]:
        """What is there, waited for, at most so many; empty when it is closed and nothing is left."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or bool(self._items))
            return self._taken(most)

    def take_now(self, most: int) -> list[T]:
        """What is there by now, at most so many; empty when there is nothing."""
        with self._changed:
            return self._taken(most)

    def _taken(self, most: int) -> list[T]:
        items = self._items
        taken = [items.popleft() for _ in range(min(most, len(items)))]
        self._changed.notify_all()
        return taken

    def close(self) -> None:
        """Nothing more is taken in; what is there can be taken out."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def full(self) -> bool:
        """Would put() wait?"""
        return len(self._items) >= self._limit
