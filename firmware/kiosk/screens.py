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


def pair(code: str) -> tuple:
    """The code that makes this device a kiosk, in its groups; both languages, as nobody has chosen one."""
    first, *others = code.split()
    items = [("head", "%s %s" % (say("zh", "pair"), say("en", "pair")), DIM), ("why", first, INK)]
    return tuple(items + [("act", text, INK) for text in others])


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
