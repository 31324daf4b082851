"""Which card is there, and whether it is a new tap: one tap of one card is served once.

A card that was served and still lies there is not served again, also after a fault of the reader. The same
card counts as a new tap once it was unseen for ABSENT_MS: a single missed look is no second tap.
"""

import time

ABSENT_MS = 400


class Presence:
    """Looks through a reader that has find() -> (UID, SAK) or None."""

    def __init__(self, reader) -> None:  # type: ignore[no-untyped-def]
        self._reader = reader
        self.uid, self.sak = b"", 0
        self._left = True  # the card last served is gone, or paid nothing
        self._unseen = False  # no card is seen, since
        self._since = time.ticks_ms()

    async def look(self) -> bool:
        """Look once: is there a card to serve? Then it is `uid`, and is served with this."""
        found = await self._reader.find()
        if found is None:
            if not self._unseen:
                self._unseen, self._since = True, time.ticks_ms()
            elif time.ticks_diff(time.ticks_ms(), self._since) > ABSENT_MS:
                self._left = True
            return False
        self._unseen = False
        if found[0] == self.uid and not self._left:
            return False
        self.uid, self.sak = found
        self._left = False
        return True

    def may_return(self) -> None:
        """Nothing was taken, or nobody knows: the same card may be served again at once."""
        self._left = True

    @property
    def gone(self) -> bool:
        """The card served last left, and no other is there."""
        return self._left and self._unseen
