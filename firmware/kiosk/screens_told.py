"""Screens of what a card or a shop tells without a sale: what it holds, what happened on it, a pass, the
hours.
"""

from kiosk.layout import BAND
from kiosk.screens import DIM, GOOD, INK, WARN, balance, greeting, yuan
from kiosk.texts import say


def held(
    language: str,
    balance_fen: int,
    collected_fen: int = 0,
    nothing: bool = False,
    points: int | None = None,
    tier: int = 0,
    birthday: bool = False,
) -> tuple:
    """What a card holds that was not to pay, and what was put on it; nothing: because nothing waited for
    it; points, tier and birthday as the host greets this member.
    """
    if collected_fen:
        head = ("head", "✓" + say(language, "collected"), GOOD | BAND)
        return (head, ("sum", "¥" + yuan(collected_fen), INK)) + tuple(
            balance(language, balance_fen, balance_fen - collected_fen)
        )
    sign = "¥" if balance_fen >= 0 else ""  # a minus and it would not fit in large digits
    items = [("head", say(language, "held"), INK | BAND), ("sum", sign + yuan(balance_fen), INK)]
    if nothing:
        items.append(("act", say(language, "nothing"), DIM))
    return tuple(items + greeting(language, points, tier, birthday))


def closed(language: str, hours: list) -> tuple:
    """Outside the hours in which the shop sells; hours: [from, to] in minutes of the day."""
    items = [("head", say(language, "closed"), DIM | BAND), ("what", say(language, "open"), DIM)]
    for first, last in hours:
        span = "%02d:%02d-%02d:%02d" % (first // 60, first % 60, last // 60, last % 60)
        items.append(("row", span, INK))
    return tuple(items)


def entered(language: str, said: dict, utc_offset_min: int = 0) -> tuple:
    """The door opens: what the host's decision tells of the pass; {}: that was before the power went.
    left: visits; until_s: when it ends; of minutes: left_min, below zero what is owed, and used_min by who
    goes out.
    """
    used_min, left_min = said.get("used_min"), said.get("left_min")
    items: list = []
    if used_min:
        items.append(("what", span(language, "spent", used_min), INK))
    elif left_min is not None:
        items.append(("what", say(language, "running"), INK))
    if left_min is not None:
        owed = left_min < 0
        items.append(
            ("more", span(language, "owed" if owed else "rest", abs(left_min)), WARN if owed else INK)
        )
    if "left" in said:
        items.append(("what", "%s %d" % (say(language, "left"), said["left"]), INK))
    if "until_s" in said:
        year, month, day, _ = date(said["until_s"] - 1 + utc_offset_min * 60)
        items.append(("more", "%s %d-%02d-%02d" % (say(language, "until"), year, month, day), DIM))
    head = "gone" if used_min else "entered" if items else "go"
    return (("head", "✓" + say(language, head), GOOD | BAND),) + tuple(items)


def span(language: str, what: str, minutes: int) -> str:
    """(..., "rest", 260) -> 剩余 4小时20分; 25 -> 剩余 25分钟, for 25分 are cents, or points."""
    hour, minute, alone = say(language, "span").split("|")
    if minutes < 60:
        return "%s %d%s" % (say(language, what), minutes, alone)
    return "%s %d%s%d%s" % (say(language, what), minutes // 60, hour, minutes % 60, minute)


def movements(language: str, rows: list, utc_offset_min: int = 0) -> tuple:
    """What happened on a card, newest first; rows: (seconds since 1970, amount in fen, below zero where it
    paid).
    """
    items: list = [("head", say(language, "movements"), INK | BAND)]
    for at_s, amount_fen in rows:
        _, month, day, minute = date(at_s + utc_offset_min * 60)
        left = "%02d-%02d| %02d:%02d" % (month, day, minute // 60, minute % 60)
        amount = ("" if amount_fen < 0 else "+") + yuan(amount_fen)
        items.append(("row", (left, amount), INK if amount_fen < 0 else GOOD))
    if not rows:
        items.append(("what", say(language, "no_movements"), DIM))
    return tuple(items)


def date(local_s: int) -> tuple:
    """Seconds since 1970 of the local clock -> (year, month, day, minute of the day)."""
    days, minute = local_s // 86400 + 719_468, local_s % 86400 // 60
    # years that begin in March have their leap day at their end: 146,097 days are 400 of them
    era, day = days // 146_097, days % 146_097
    year = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    day -= (153 * month + 2) // 5
    month = month + 3 if month < 10 else month - 9
    return era * 400 + year + (1 if month < 3 else 0), month, day + 1, minute
