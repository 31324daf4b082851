"""Whose request is served next: a terminal has one turn at a time, so that none keeps two threads."""

import threading
from collections import deque

from host.terminals.relay.session import Asked

TERMINALS_MAX = 64


class Turns:
    """Requests by terminal. A terminal that asks anew before it was served has ended what it asked before."""

    def __init__(self) -> None:
        self._queue: deque[str] = deque()  # terminals whose turn comes
        self._next: dict[str, Asked] = {}
        self._busy: set[str] = set()  # terminals that are in the queue or being served
        self._stopped = False
        self._changed = threading.Condition()

    def put(self, asked: Asked) -> str:
        """Why something is not served that would have been; '' when nothing is."""
        name = asked.kiosk.name
        with self._changed:
            if name not in self._busy:
                if len(self._busy) >= TERMINALS_MAX:
                    return "too many ask at once"
                self._busy.add(name)
                self._queue.append(name)
                self._changed.notify()
            overtaken = name in self._next
            self._next[name] = asked
        return "asked anew before it was served" if overtaken else ""

    def take(self) -> Asked | None:
        """The next to be served, waited for; None when no more are. done() must follow."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._stopped)
            return None if self._stopped else self._next.pop(self._queue.popleft())

    def done(self, asked: Asked) -> None:
        """It was served."""
        name = asked.kiosk.name
        with self._changed:
            if name in self._next:
                self._queue.append(name)
                self._changed.notify()
            else:
                self._busy.discard(name)

    def stop(self) -> None:
        """Nobody else is served."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
