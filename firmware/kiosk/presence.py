"""Which card is there, and whether it is a new tap: one tap of one card is served once.

A card that was served and still lies there is not served again, not even after a fault of the reader or a
restart. The same card is a new tap once it was unseen for ABSENT_MS, another one after GAP_LOOKS looks at an
empty field: a missed look is no second tap, and of two cards in one wallet neither pays.
"""

from hal import ticks

ABSENT_MS = 400
ABSENT_LOOKS = 5
GAP_LOOKS = 2
RESTING_LOOKS = 10


class Presence:
    """Looks through a reader that has find() -> (UID, SAK), (b"", 0) for more than one card, or None."""

    def __init__(self, reader, last_uid: bytes = b"") -> None:  # type: ignore[no-untyped-def]
        """last_uid: the card served before the restart, which may still lie there."""
        self._reader = reader
        self.uid, self.sak = last_uid, 0
        self.two = False  # more than one card is to be served: none of them may pay
        self._free = True  # the field was empty since the last card was served
        self._returns = False  # the card last served may be served again at once
        self._empty_looks = 0
        self._resting_looks = 0
        self._since = ticks.now()  # when the first of these looks was

    async def look(self) -> bool:
        """Look once: is there a card to serve? Then it is `uid`, and is served with this."""
        found = await self._reader.find()
        if found is None:
            self._see_nothing()
            return False
        if not found[0]:
            return self._serve(b"", 0, True)
        self._note_absence()
        if found[0] == self.uid and not self.two:
            again = self._returns
        else:
            again = self._free
        self._empty_looks = 0
        self._resting_looks += 1
        return again and self._serve(found[0], found[1], False)

    def _see_nothing(self) -> None:
        if not self._empty_looks:
            self._since = ticks.now()
        self._resting_looks = 0
        self._empty_looks += 1
        self._free = self._free or self._empty_looks >= GAP_LOOKS
        self._note_absence()

    def _note_absence(self) -> None:
        """At every look, with and without a card: a closed shop outlasts the counter of ticks."""
        if self._empty_looks >= ABSENT_LOOKS and ticks.since(self._since) > ABSENT_MS:
            self._returns = True

    def _serve(self, uid: bytes, sak: int, two: bool) -> bool:
        if two and self.two and not self._free:
            return False  # the same two, told already
        self.uid, self.sak, self.two = uid, sak, two
        self._free = self._returns = False
        self._empty_looks = self._resting_looks = 0
        return True

    def may_return(self) -> None:
        """Nothing was taken, or nobody knows: the same card may be served again at once."""
        self._returns = True

    @property
    def resting(self) -> bool:
        """A card lies there that will not be served before it was lifted."""
        return self._resting_looks >= RESTING_LOOKS

    @property
    def gone(self) -> bool:
        """The card served last left, and no other is there."""
        return self._empty_looks >= GAP_LOOKS
