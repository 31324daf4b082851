"""How an update spreads: one kiosk, a tenth, all. Pure: from where its kiosks stand to what is to be done.

A stage is complete when each of its kiosks has confirmed the new firmware and was heard of a soak time later.
A kiosk fails when it refuses or goes back, and when it goes silent at a time at which the new firmware may be
why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

STAGES = ("one kiosk", "a tenth", "all")
TENTH = 10
FAILED_MAX = 20  # of the last stage one in so many may fail; before it none


@dataclass(frozen=True)
class Member:
    """A kiosk in a roll-out. Times in seconds, None: not yet. failed: its own word for why, or ''."""

    name: str
    stage: int
    heard_s: int
    switching_s: int | None = None
    confirmed_s: int | None = None
    failed: str = ""

    def fault(self, now_s: int, soak_s: int, silent_s: int) -> str:
        """Why it counts as failed; '' while it does not."""
        if self.failed:
            return self.failed
        began_s = self.switching_s if self.confirmed_s is None else self.confirmed_s
        if began_s is None or self.is_proven(soak_s):
            return ""
        return "silent" if now_s - max(began_s, self.heard_s) > silent_s else ""

    def is_proven(self, soak_s: int) -> bool:
        """Does it run the new firmware, and was it heard of after the soak time?"""
        return self.confirmed_s is not None and self.heard_s >= self.confirmed_s + soak_s


class Step(NamedTuple):
    """What is to be done: stop, for `why`; begin `stage`; or nothing. A stage beyond the last means done."""

    why: str = ""
    stage: int | None = None


def step(members: Sequence[Member], now_s: int, soak_s: int, silent_s: int) -> Step:
    """Of a roll-out whose last stage that began is the highest of its members."""
    at = max((member.stage for member in members), default=-1)
    here = [member for member in members if member.stage == at]
    faults = {one.name: fault for one in members if (fault := one.fault(now_s, soak_s, silent_s))}
    if len(faults) > (len(here) // FAILED_MAX if at == len(STAGES) - 1 else 0):
        named = ", ".join(f"{name} ({fault})" for name, fault in sorted(faults.items())[:5])
        more = f" and {len(faults) - 5} more" if len(faults) > 5 else ""
        return Step(why=f"{named}{more} failed in the stage “{STAGES[at]}”")
    if all(one.is_proven(soak_s) or one.name in faults for one in here):
        return Step(stage=at + 1)
    return Step()


def size(stage: int, fleet: int) -> int:
    """How many kiosks a stage has at most, of a fleet of so many."""
    return (1, -(-fleet // TENTH), fleet)[stage]
