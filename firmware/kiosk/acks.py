"""Which numbers of one epoch the host has acknowledged."""

from protocol.wire import sequence


class Acks:
    """Numbers 1 .. used were given out; up to `upto` and in `ranges` ([[first, last], ...]) they are held."""

    def __init__(self) -> None:
        self.used = self.upto = 0
        self.ranges: list = []

    def holds(self, counter: int) -> bool:
        """Is it acknowledged?"""
        return sequence.holds(self.upto, self.ranges, counter)

    def count(self) -> int:
        """How many are acknowledged."""
        return sequence.count(self.upto, self.ranges)

    def take(self, upto: int, ranges: list) -> None:
        """The host's watermark and ranges; what lies above `used` is no word about us."""
        self.upto = max(self.upto, min(upto, self.used))
        self.upto, self.ranges = sequence.compact(
            [pair for pair in ranges if pair[1] <= self.used], self.upto
        )

    def take_one(self, counter: int) -> None:
        """One number by itself."""
        if counter > self.used or self.holds(counter):
            return
        self.upto, self.ranges = sequence.compact(sorted(self.ranges + [[counter, counter]]), self.upto)
