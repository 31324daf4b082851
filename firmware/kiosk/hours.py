"""Clock times of the shop: minutes of the local day. A clock that was never set says nothing."""

SET_S = 1_700_000_000  # no kiosk was made before 2023


def minute(now_s: int, utc_offset_min: int) -> int:
    """The minute of the local day, -1 when nobody knows."""
    return (now_s // 60 + utc_offset_min) % 1440 if now_s > SET_S else -1


def within(span: list, at: int) -> bool:
    """Does this minute lie in [from, to), over midnight too?"""
    first, last = span
    if first <= last:
        return bool(first <= at < last)
    return bool(at >= first or 0 <= at < last)


def sells(config: dict, now_s: int) -> bool:
    """Does the shop sell now? Always without hours, and while nobody knows the time."""
    hours = config["hours"]
    if not hours:
        return True
    at = minute(now_s, config["utc_offset_min"])
    return at < 0 or any(within(span, at) for span in hours)


def quiet(config: dict, now_s: int) -> bool:
    """Is there to be no sound now?"""
    span = config.get("quiet")
    return bool(span) and within(span, minute(now_s, config["utc_offset_min"]))
