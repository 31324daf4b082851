"""Which cards somebody talks to now: one session a card, whatever it lies on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from host.cards.readers import ReaderError

WAIT_S = 1.0


class InUseError(ReaderError):
    """Somebody else has a session with this card; str() says what to do."""

    def __init__(self, uid: bytes) -> None:
        super().__init__(f"Card {uid.hex().upper()} is in use elsewhere: wait a moment, then ask again.")


class InUse:
    """Two sessions with one card would each take the other's top-up for one that was lost."""

    def __init__(self) -> None:
        self._uids: set[bytes] = set()
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, uid: bytes) -> Iterator[None]:
        """Nobody else has this card meanwhile; waited for at most WAIT_S. InUseError."""
        with self._changed:
            if not self._changed.wait_for(lambda: uid not in self._uids, WAIT_S):
                raise InUseError(uid)
            self._uids.add(uid)
        try:
            yield
        finally:
            with self._changed:
                self._uids.discard(uid)
                self._changed.notify_all()
