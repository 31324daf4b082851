"""Screens as parts, from the state of a sale: pure, for either display, which finds the places (layout.py).

    item = (slot, text, colour)
An outcome is told by its words, its symbol and its band, and by the buzzer's rhythm, not by colour alone.
"""

from kiosk.layout import BAND
from kiosk.texts import say

INK, DIM, GOOD, BAD, WARN = 0, 1, 2, 3, 4  # colours by meaning; a display's table has what they look like

# head line: its colour and symbol
NOTICES = {
    "no_entry": (BAD, "×"),  # the door stays closed
    "not_charged": (BAD, "×"),  # nothing was taken
    "rejected": (BAD, "×"),  # the host says that the card is not genuine: no claim about its money
    "unknown": (WARN, "?"),  # nobody can say yet whether the card paid
    "out": (WARN, "!"),  # no sale possible
}


def yuan(amount_fen: int) -> str:
    """2500 -> 25.00"""
    sign = "-" if amount_fen < 0 else ""
    amount_fen = abs(amount_fen)
    return "%s%d.%02d" % (sign, amount_fen // 100, amount_fen % 100)


def idle(language: str, price_fen: int, online: bool, resting: bool = False, title: str = "") -> tuple:
    """Waiting for a card; resting: for the one that lies there, and has been served, to be lifted."""
    head = top(language, title, online)
    if not price_fen:  # a till will say how much
        return (head, ("why", say(language, "lift" if resting else "standby"), INK))
    return (
        head,
        ("sum", "¥" + yuan(price_fen), INK),
        ("act", say(language, "lift" if resting else "tap"), WARN if resting else INK),
    )


def top(language: str, title: str, online: bool) -> tuple:
    """The item at the head while nobody is served: the shop's name, and whether the host answers."""
    return ("head", (title, say(language, "online" if online else "offline")), DIM)


def station(language: str, what: str, online: bool, resting: bool = False, title: str = "") -> tuple:
    """Waiting for a card that is not to pay; what: look or fetch."""
    return (
        top(language, title, online),
        ("what", say(language, what), INK),
        ("act", say(language, "lift" if resting else "tap"), WARN if resting else INK),
    )


def held(language: str, balance_fen: int, collected_fen: int = 0, nothing: bool = False) -> tuple:
    """What a card holds that was not to pay, and what was put on it; nothing: because nothing waited for
    it.
    """
    if collected_fen:
        head = ("head", "✓" + say(language, "collected"), GOOD | BAND)
        return (head, ("sum", "¥" + yuan(collected_fen), INK)) + tuple(
            balance(language, balance_fen, balance_fen - collected_fen)
        )
    sign = "¥" if balance_fen >= 0 else ""  # a minus and it would not fit in large digits
    items = (("head", say(language, "held"), INK | BAND), ("sum", sign + yuan(balance_fen), INK))
    return items + (("act", say(language, "nothing"), DIM),) if nothing else items


def typing(
    language: str, typed_fen: int, online: bool, title: str = "", note: str = "", most_fen: int = 0
) -> tuple:
    """An amount on its way from the keypad; note: what went wrong, with most_fen where it was too much."""
    if note:
        act = say(language, note) + (" ¥" + yuan(most_fen) if most_fen else "")
    else:
        act = say(language, "confirm" if typed_fen else "type")
    return (
        top(language, title, online),
        ("sum", "¥" + yuan(typed_fen), INK if typed_fen else DIM),
        ("act", act, WARN if note else INK),
    )


def menu(language: str, rows: list, online: bool, title: str = "") -> tuple:
    """A price list; rows: of (button, label, amount in fen)."""
    items = [top(language, title or say(language, "choose"), online)]
    for button, label, amount_fen in rows:
        items.append(("row", (button + " " + label, yuan(amount_fen)), INK))
    return tuple(items)


def pin(language: str, typed: int, price_fen: int, wrong: bool = False) -> tuple:
    """A PIN on its way from the keypad: so many digits typed, none of them shown; wrong: the one before
    was.
    """
    word, act = say(language, "pin_wrong").split("|")
    return (
        ("head", "×" + word if wrong else say(language, "pin"), WARN | BAND),
        ("sum", "¥" + yuan(price_fen) if price_fen else "", INK),
        ("act", "*" * typed or (act if wrong else "----"), INK),
    )


def closed(language: str, hours: list) -> tuple:
    """Outside the hours in which the shop sells; hours: [from, to] in minutes of the day."""
    items = [("head", say(language, "closed"), DIM | BAND), ("what", say(language, "open"), DIM)]
    for first, last in hours:
        span = "%02d:%02d-%02d:%02d" % (first // 60, first % 60, last // 60, last % 60)
        items.append(("row", span, INK))
    return tuple(items)


def reading(language: str, price_fen: int, what: str = "reading") -> tuple:
    """The card is in the field; what: reading, or collecting what waits for it; price 0: nothing is taken."""
    return (
        ("head", say(language, what), INK),
        ("sum", "¥" + yuan(price_fen) if price_fen else "", INK),
        ("act", say(language, "hold"), INK),
    )


def paid(
    language: str,
    amount_fen: int,
    before_fen: int | None,
    balance_fen: int,
    already: bool,
    collected_fen: int = 0,
    points: int | None = None,
    tier: int = 0,
    birthday: bool = False,
) -> tuple:
    """The card paid now, or it turns out that it had paid; collected_fen: topped up in the same tap.

    before_fen: the balance before the sale, None where nobody knows; points, tier and birthday as the host
    greets this member.
    """
    items = [
        ("head", "✓" + say(language, "already" if already else "paid"), GOOD | BAND),
        ("sum", "¥" + yuan(amount_fen), INK),
    ]
    items += balance(language, balance_fen, before_fen)
    if collected_fen:
        items.append(collected(language, collected_fen))
    return tuple(items + greeting(language, points, tier, birthday))


def greeting(language: str, points: int | None, tier: int, birthday: bool) -> list:
    """The items by which a member is greeted; tier: a number as in protocol/wire/greeting.py, 0 for none."""
    items = [("more", say(language, "birthday"), GOOD)] if birthday else []
    words = say(language, "tiers").split("|")[tier - 1] if tier else ""
    if points is not None:
        words += " %s %d" % (say(language, "points"), points)
    if words:
        items.append(("more", words.lstrip(" "), INK))
    return items


def balance(language: str, after_fen: int, before_fen: int | None = None) -> list:
    """The items that say what the card holds, and what it held before."""
    word, after = say(language, "balance"), yuan(after_fen)
    if before_fen is None:
        return [("note", word, DIM), ("after", after, INK), ("change", word + " " + after, INK)]
    before = yuan(before_fen) + "→"
    return [("note", word + " " + before, DIM), ("after", after, INK), ("change", before + after, INK)]


def collected(language: str, amount_fen: int) -> tuple:
    """The item that says what was put on the card."""
    return ("more", "%s %s" % (say(language, "collected"), yuan(amount_fen)), GOOD)


def notice(
    language: str, head: str, reason: str, balance_fen: int | None = None, collected_fen: int = 0
) -> tuple:
    """One of NOTICES and its reason: why, and what to do."""
    colour, symbol = NOTICES[head]
    why, *act = say(language, reason).split("|")
    items = [("head", symbol + say(language, head), colour | BAND), ("why", why, INK)]
    items += [("act", text, WARN) for text in act]
    if balance_fen is not None:
        items += balance(language, balance_fen)
    if collected_fen:
        items.append(collected(language, collected_fen))
    return tuple(items)


def entered(language: str, left: int | None, until_s: int | None, utc_offset_min: int = 0) -> tuple:
    """The door opens: visits left on the pass (None: it is of a period), and the last second that it is
    good for.
    """
    items = [("head", "✓" + say(language, "entered"), GOOD | BAND)]
    if left is not None:
        items.append(("what", "%s %d" % (say(language, "left"), left), INK))
    if until_s is not None:
        year, month, day, _ = date(until_s + utc_offset_min * 60)
        items.append(("more", "%s %d-%02d-%02d" % (say(language, "until"), year, month, day), DIM))
    return tuple(items)


def movements(language: str, rows: list, utc_offset_min: int = 0) -> tuple:
    """What happened on a card, newest first; rows: (seconds since 1970, amount in fen, below zero where it
    paid).
    """
    items = [("head", say(language, "movements"), INK | BAND)]
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
