"""Which slots are reports that the host has not acknowledged: one bit a slot, however many wait."""


class Wanted:
    """Slots by serial; the ring holds fewer than it has slots, so a serial's place in it is enough."""

    def __init__(self, slots: int) -> None:
        self._slots, self._bits = slots, bytearray(slots // 8)
        self.count = 0

    def holds(self, serial: int) -> bool:
        """Is it wanted?"""
        at = serial % self._slots
        return bool(self._bits[at >> 3] & 1 << (at & 7))

    def change(self, serial: int) -> None:
        """Wanted if it was not, not wanted if it was."""
        at = serial % self._slots
        self._bits[at >> 3] ^= 1 << (at & 7)
        self.count += 1 if self.holds(serial) else -1

    def next(self, serial: int, end: int) -> int:
        """The first one at or after `serial` and before `end`; `end` when there is none."""
        while serial < end:
            at = serial % self._slots
            bits = self._bits[at >> 3] >> (at & 7)
            if bits & 1:
                return serial
            serial += 1 if bits else 8 - (at & 7)
        return end
