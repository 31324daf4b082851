"""What became of a tap, read as the customer reads it: from the screen, once a lamp has gone on.

The firmware draws the result first and then lights the green or red lamp and beeps. Pixels and pins come over
one wire in order, so the screen is complete when the lamp is seen. (The beep is several tones,
the lamp goes on once.)
"""

import time
from dataclasses import dataclass

from simulator.unit import KioskUnit

# Each outcome with the words that mean it, in the languages of the firmware.
WORDS = {
    "paid": ("支付成功", "此卡已付", "Approved", "Already paid"),
    "entered": ("欢迎光临", "请通行", "Welcome", "Please pass"),
    "left": ("已离场", "Out, goodbye"),
    "unknown": ("结果未知", "Outcome unknown"),
    "refused": ("未扣款", "未受理", "不可入场", "Not charged", "Not accepted", "No entry"),
    "looked": ("卡内余额", "已充值", "On your card", "Loaded"),
}
WAIT_S = 12.0


@dataclass
class Tap:
    """A card on a kiosk, from the moment it was put there."""

    unit: KioskUnit
    outcomes_before: int
    started_s: float
    outcome: str | None = None
    took_ms: int = 0

    @classmethod
    def begin(cls, unit: KioskUnit) -> "Tap":
        return cls(unit, unit.outcomes, time.monotonic())

    def wait(self, timeout_s: float = WAIT_S) -> str:
        """paid, refused, unknown, or a few words when the kiosk said none of these. Remembers the answer."""
        if self.outcome is None:
            unit = self.unit
            unit.wait_for(lambda: unit.outcomes > self.outcomes_before or not unit.powered, timeout_s)
            self.took_ms = round((time.monotonic() - self.started_s) * 1000)
            self.outcome = self._read()
        return self.outcome

    def _read(self) -> str:
        if self.unit.outcomes == self.outcomes_before:
            return "no answer of the kiosk" if self.unit.powered else "no answer: its power is off"
        for outcome, words in WORDS.items():
            if self.unit.shows(*words):
                return outcome
        return "a screen that names no outcome"
