"""Buzzer and lights: two ways beside the screen to tell good from bad."""

import asyncio

# pattern, light, tones of Hz:ms, 0 Hz is a pause. Rhythm, not pitch alone, tells them apart.
PATTERNS = """
paid     green  2000:90
refused  red    400:150 0:80 400:150
looked   green  1500:60 0:40 1500:60
key      -      3000:12
unknown  red    800:80 0:60 800:80 0:60 800:80
"""


def pattern(name: str) -> list:
    """Its words: the light, then the tones."""
    at = PATTERNS.find("\n%s " % name) + 1
    return PATTERNS[at : PATTERNS.find("\n", at)].split()[1:]


class Signals:
    """The buzzer (a PWM) and a green and a red light (pins)."""

    def __init__(self, buzzer, green, red) -> None:  # type: ignore[no-untyped-def]
        self._buzzer, self._green, self._red = buzzer, green, red

    def light(self, colour: str = "") -> None:
        """This one alone; none by default."""
        self._green.value(1 if colour == "green" else 0)
        self._red.value(1 if colour == "red" else 0)

    async def play(self, name: str, muted: bool = False) -> None:
        """Light up at once, then, unless muted, sound. Cancel it only for the next one."""
        colour, *tones = pattern(name)
        if colour != "-":
            self.light(colour)
        for tone in tones:
            hertz, length_ms = [int(word) for word in tone.split(":")]
            if hertz:
                self._buzzer.freq(hertz)
            self._buzzer.duty_u16(32768 if hertz and not muted else 0)
            await asyncio.sleep_ms(length_ms)
        self._buzzer.duty_u16(0)
