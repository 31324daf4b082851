"""What is heard: one outcome's pattern at a time."""

MICROPYTHON_ONLY = True

import asyncio

from drivers.signals import PATTERNS, Signals
from kiosk.front import Front


class Part:
    """Painter, buzzer, pin and the teller's settings in one: notes what it is told."""

    language, reason, shown_fen, collected_fen = "zh", "again", None, 0
    config = {"price_fen": 100}

    def __init__(self):
        self.settings, self.told = self, []
        self.drawn = []

    def show(self, lines):
        self.drawn.append(lines)

    def strips(self, lines):
        for strip in range(6):
            self.drawn.append(strip)
            yield

    def value(self, level):
        self.told.append(level)

    def freq(self, hertz):
        self.told.append(hertz)

    def duty_u16(self, duty):
        if not duty:
            self.told.append(0)


def test_the_next_outcome_silences_the_last_ones_pattern():
    async def run(wait_ms):
        buzzer, green, red, teller = Part(), Part(), Part(), Part()
        front = Front(teller, Signals(buzzer, green, red))
        front.show_unknown(teller)
        await asyncio.sleep_ms(wait_ms)
        begun = len(buzzer.told)
        front.show_rejected(teller)
        tones, _ = PATTERNS["refused"]
        for _hertz, length_ms in tones + PATTERNS["unknown"][0]:
            await asyncio.sleep_ms(length_ms)
        heard = buzzer.told[begun:]
        assert heard == [hertz for hertz, _ in tones] + [0], (wait_ms, heard)
        assert (green.told[-1], red.told[-1]) == (0, 1)

    for wait_ms in (0, 80, 100):
        asyncio.run(run(wait_ms))


def test_reading_is_drawn_meanwhile_and_gives_way_to_what_comes_next():
    async def run():
        part = Part()
        front = Front(part, Signals(Part(), Part(), Part()))
        front.show_reading(part)
        assert part.drawn == []  # the card is not kept waiting
        while len(part.drawn) < 2:
            await asyncio.sleep_ms(1)
        front.show_refused(part)
        drawn = len(part.drawn)
        assert isinstance(part.drawn[-1], tuple)
        for _ in range(20):
            await asyncio.sleep_ms(1)
        assert len(part.drawn) == drawn, part.drawn
        front.show_reading(part)
        for _ in range(100):
            await asyncio.sleep_ms(1)
        assert part.drawn[drawn:] == [0, 1, 2, 3, 4, 5]

    asyncio.run(run())
