"""The ESP32's millisecond counter of 30 bits, moved by hand."""

from hal import ticks

ROUND_MS = 1 << 30


class ChipClock:
    """Stands where the module `time` stands in hal.ticks."""

    def __init__(self):
        self.ms = ROUND_MS - 50  # the first round is soon over
        ticks.time, ticks.now = self, self.ticks_ms

    def ticks_ms(self):
        return self.ms % ROUND_MS

    def ticks_diff(self, end, start):
        return (end - start + ROUND_MS // 2) % ROUND_MS - ROUND_MS // 2
