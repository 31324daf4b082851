"""Buzzer and lights: two ways beside the screen to tell good from bad."""

import asyncio

# pattern: tones of (Hz, ms), 0 Hz is a pause; then the light. Rhythm, not pitch alone, tells them apart.
PATTERNS = {
    "paid": (((2000, 90),), "green"),
    "refused": (((400, 150), (0, 80), (400, 150)), "red"),
    "looked": (((1500, 60), (0, 40), (1500, 60)), "green"),
    "key": (((3000, 12),), ""),
    "unknown": (((800, 80), (0, 60), (800, 80), (0, 60), (800, 80)), "red"),
}


class Signals:
    """The buzzer (a PWM) and a green and a red light (pins)."""

    def __init__(self, buzzer, green, red) -> None:  # type: ignore[no-untyped-def]
        self._buzzer = buzzer
        self._lights = {"green": green, "red": red}

    def dark(self) -> None:
        """All lights off."""
        for pin in self._lights.values():
            pin.value(0)

    async def play(self, pattern: str, muted: bool = False) -> None:
        """Light up at once, then, unless muted, sound. Cancel it only for the next one."""
        tones, light = PATTERNS[pattern]
        if light:
            self.dark()
            self._lights[light].value(1)
        for hertz, length_ms in tones:
            if hertz:
                self._buzzer.freq(hertz)
            self._buzzer.duty_u16(32768 if hertz and not muted else 0)
            await asyncio.sleep_ms(length_ms)
        self._buzzer.duty_u16(0)
