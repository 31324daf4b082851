"""How an update spreads: one kiosk, a tenth, all. Pure: from where its kiosks stand to what is to be done.

A stage is complete when each of its kiosks has confirmed the new firmware and was heard of a soak time later.
A kiosk fails when it refuses, goes back or restarts by itself, and when it goes silent at a time at which the
new firmware may be why. Whether it is: docs/updates.md has the table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

STAGES = ("one kiosk", "a tenth", "all")
TENTH = 10
FAILED_MAX = 20  # of the last stage one in so many may fail; before it none
GONE = 3  # times absent_s: no shop that comes back is closed for so long
_MINUTE_S, _DAY_MIN = 60, 1440

Spans = tuple[tuple[int, int], ...]  # from, to in minutes of the local day, over midnight too


class Limits(NamedTuple):
    """Of a roll-out. soak_s: so long a confirmed kiosk is watched; silent_s: so long one that has just
    changed may say nothing; absent_s: so long not heard of it is named, left out if it has not begun, and has
    failed if it has, while other kiosks are there."""

    soak_s: int
    silent_s: int
    absent_s: int


@dataclass(frozen=True)
class Shop:
    """Where a kiosk stands. hours: when it sells, none: always. others_s: when another kiosk of the same shop
    was last heard of; None: there is no other. fleet_s: since when half of all other kiosks were heard of."""

    hours: Spans = ()
    utc_offset_min: int = 0
    others_s: int | None = None
    fleet_s: int | None = None

    def open_s(self, since_s: int, now_s: int, enough_s: int) -> int:
        """How long it was open from then to now, in whole minutes; no more than is enough."""
        if not self.hours:
            return min(now_s - since_s, enough_s)
        found_s = 0
        for at_s in range(since_s, now_s - _MINUTE_S + 1, _MINUTE_S):
            minute = (at_s // _MINUTE_S + self.utc_offset_min) % _DAY_MIN
            found_s += _MINUTE_S * any(_within(span, minute) for span in self.hours)
            if found_s >= enough_s:
                break
        return found_s


def _within(span: tuple[int, int], minute: int) -> bool:
    first, last = span
    return first <= minute < last if first <= last else minute >= first or minute < last


@dataclass(frozen=True)
class Member:
    """A kiosk in a roll-out. Times in seconds, None: not yet. failed: its own word for why, or ''."""

    name: str
    stage: int
    heard_s: int
    joined_s: int = 0
    switching_s: int | None = None
    confirmed_s: int | None = None
    failed: str = ""
    shop: Shop = Shop()

    @property
    def _began_s(self) -> int | None:
        return self.switching_s if self.confirmed_s is None else self.confirmed_s

    def silent_since_s(self) -> int:
        """Since when nothing was heard of it in this roll-out."""
        return max(self.joined_s, self.heard_s, self._began_s or 0)

    def fault(self, now_s: int, limits: Limits) -> str:
        """Why it counts as failed; '' while it does not."""
        if self.failed:
            return self.failed
        if self._began_s is None or self.is_proven(limits.soak_s):
            return ""
        since_s, silent_s = self.silent_since_s(), limits.silent_s
        if now_s - since_s > GONE * limits.absent_s:
            return "gone"
        if (self.shop.fleet_s or 0) > since_s + limits.absent_s:  # no night, and no fault of ours
            return "silent"
        if now_s - since_s <= silent_s or self.shop.open_s(since_s, now_s, silent_s + 1) <= silent_s:
            return ""
        if self.shop.others_s is not None:  # is it the kiosk, or the whole shop that went off?
            return "silent" if self.shop.others_s > since_s + silent_s else ""
        return "silent" if self.confirmed_s is None else ""

    def is_proven(self, soak_s: int) -> bool:
        """Does it run the new firmware, and was it heard of after the soak time?"""
        return self.confirmed_s is not None and self.heard_s >= self.confirmed_s + soak_s

    def awaited_since_s(self) -> int:
        """Since when a person would ask: of one that has not begun since its stage did, silent or not."""
        return self.joined_s if self._began_s is None else self.silent_since_s()

    def is_missed(self, now_s: int, limits: Limits) -> bool:
        """Is a person to see to it?"""
        over = self.failed or self.is_proven(limits.soak_s)
        return not over and now_s - self.awaited_since_s() > limits.absent_s

    def is_left_out(self, now_s: int, limits: Limits) -> bool:
        """Is it off, and has not begun? Then no other waits for it."""
        began = self.failed or self._began_s is not None
        return not began and now_s - self.silent_since_s() > limits.absent_s


class Step(NamedTuple):
    """What is to be done: stop, for `why`; begin `stage`; or nothing. A stage beyond the last means done; one
    that has begun means that others take the place of its kiosks."""

    why: str = ""
    stage: int | None = None


def step(members: Sequence[Member], now_s: int, limits: Limits) -> Step:
    """Of a roll-out whose last stage that began is the highest of its members."""
    at = max((member.stage for member in members), default=-1)
    here = [member for member in members if member.stage == at]
    faults = {one.name: fault for one in members if (fault := one.fault(now_s, limits))}
    if len(faults) > (len(here) // FAILED_MAX if at == len(STAGES) - 1 else 0):
        named = ", ".join(f"{name} ({fault})" for name, fault in sorted(faults.items())[:5])
        more = f" and {len(faults) - 5} more" if len(faults) > 5 else ""
        return Step(why=f"{named}{more} failed in the stage “{STAGES[at]}”")
    there = [one for one in members if not one.is_left_out(now_s, limits)]  # also who is back since its stage
    if here and not set(here) & set(there):
        return Step(stage=at)
    if all(one.is_proven(limits.soak_s) or one.name in faults for one in there):
        return Step(stage=at + 1)
    return Step()


def size(stage: int, fleet: int) -> int:
    """How many kiosks a stage has at most, of a fleet of so many."""
    return (1, -(-fleet // TENTH), fleet)[stage]
