"""Clock times of a configuration as people type and read them: 22:00-08:00, +08:00."""

import re
from collections.abc import Sequence

from protocol.wire.kinds import DAY_MIN

_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_OFFSET = re.compile(r"([+-])([0-9]{2}):([0-9]{2})")


def span(text: str) -> list[int] | None:
    """22:00-08:00 -> [1320, 480], minutes of the day; None for what is none, or for a whole day."""
    parts = [_CLOCK.fullmatch(part.strip()) for part in re.split("[-–—]", text)]
    minutes = [int(part[1]) * 60 + int(part[2]) for part in parts if part is not None and int(part[2]) < 60]
    if len(parts) != 2 or len({minute % DAY_MIN for minute in minutes}) != 2 or max(minutes) > DAY_MIN:
        return None
    return minutes


def span_text(minutes: Sequence[int]) -> str:
    """The inverse of span(); '' for none."""
    return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in minutes)


def offset_min(text: str) -> int | None:
    """+08:00 -> 480; None for what is no offset."""
    found = _OFFSET.fullmatch(text)
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return -minutes if found[1] == "-" else minutes


def offset_text(minutes: int) -> str:
    """The inverse of offset_min()."""
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
