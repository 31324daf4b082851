"""Which slots are reports that the host has not acknowledged: one bit a slot, however many wait."""

PART = 1024  # slots whose bits lie together: there are only those parts in which one is wanted


class Wanted:
    """Slots by serial; the ring holds fewer than it has slots, so a serial's place in it is enough."""

    def __init__(self, slots: int) -> None:
        self._slots, self._parts = slots, {}  # type: ignore[var-annotated]
        self.count = 0

    def holds(self, serial: int) -> bool:
        """Is it wanted?"""
        at = serial % self._slots
        part = self._parts.get(at // PART)
        return part is not None and bool(part[at % PART >> 3] & 1 << (at & 7))

    def change(self, serial: int) -> None:
        """Wanted if it was not, not wanted if it was."""
        at = serial % self._slots
        number, byte, bit = at // PART, at % PART >> 3, 1 << (at & 7)
        part = self._parts.get(number)
        if part is None:
            part = self._parts[number] = bytearray(PART // 8)
        part[byte] ^= bit
        self.count += 1 if part[byte] & bit else -1
        if not any(part):
            del self._parts[number]

    def next(self, serial: int, end: int) -> int:
        """The first one at or after `serial` and before `end`; `end` when there is none."""
        while serial < end:
            at = serial % self._slots
            part = self._parts.get(at // PART)
            if part is None:
                serial += min(PART - at % PART, self._slots - at)
                continue
            bits = part[at % PART >> 3] >> (at & 7)
            if bits & 1:
                return serial
            serial += 1 if bits else 8 - (at & 7)
        return end
