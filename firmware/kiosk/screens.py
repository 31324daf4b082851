"""Screens as lists of lines, from the state of a sale: pure, no display.

    line = (y, text, size, colour)   y a multiple of 8, size 24 or 48 pixels, text centred
    colour | BAND                    the text stands in a band of that colour across the whole screen
An outcome is told by its words and its band (and by the buzzer's rhythm), not by colour alone.
"""

from kiosk.texts import TEXTS

INK, DIM, GOOD, BAD, WARN = 0, 1, 2, 3, 4  # colours by meaning; the painter knows their RGB
BAND = 8

# head line: its colour, then where the lines of the reason stand and how far apart
NOTICES = {
    "not_charged": (BAD, 72, 32),  # nothing was taken
    "rejected": (BAD, 72, 32),  # the host says that the card is not genuine: no claim about its money
    "unknown": (WARN, 88, 40),  # nobody can say yet whether the card paid
    "out": (WARN, 88, 32),  # no sale possible
}


def yuan(amount_fen: int) -> str:
    """2500 -> 25.00"""
    sign = "-" if amount_fen < 0 else ""
    amount_fen = abs(amount_fen)
    return "%s%d.%02d" % (sign, amount_fen // 100, amount_fen % 100)


def idle(language: str, price_fen: int, online: bool, resting: bool = False) -> tuple:
    """Waiting for a card; resting: for the one that lies there, and has been served, to be lifted."""
    words = TEXTS[language]
    if resting:
        return ((32, words["lift"], 24, WARN), (88, "¥" + yuan(price_fen), 48, INK))
    return (
        (32, words["tap"], 24, INK),
        (88, "¥" + yuan(price_fen), 48, INK),
        (200, words["online" if online else "offline"], 24, DIM),
    )


def reading(language: str, price_fen: int, what: str = "reading") -> tuple:
    """The card is in the field; what: reading, or collecting what waits for it."""
    words = TEXTS[language]
    return (
        (32, words[what], 24, INK),
        (88, "¥" + yuan(price_fen), 48, INK),
        (200, words["hold"], 24, INK),
    )


def paid(language: str, amount_fen: int, balance_fen: int, already: bool, collected_fen: int = 0) -> tuple:
    """The card paid now, or it turns out that it had paid; collected_fen: topped up in the same tap."""
    words = TEXTS[language]
    lines = [
        (16, words["already" if already else "paid"], 24, GOOD | BAND),
        (72, "¥" + yuan(amount_fen), 48, INK),
        (144, words["balance"], 24, DIM),
        (176, yuan(balance_fen), 48, INK),
    ]
    if collected_fen:
        lines.insert(1, (48, collected(language, collected_fen), 24, INK))
    return tuple(lines)


def collected(language: str, amount_fen: int) -> str:
    """The line that says what was put on the card."""
    return "%s %s" % (TEXTS[language]["collected"], yuan(amount_fen))


def notice(
    language: str, head: str, reason: str, balance_fen: int | None = None, collected_fen: int = 0
) -> tuple:
    """One of NOTICES and its reason: why, and what to do."""
    words = TEXTS[language]
    colour, y, step = NOTICES[head]
    lines = [(16, words[head], 24, colour | BAND)]
    for text in words[reason]:
        lines.append((y, text, 24, INK))
        y += step
    if collected_fen:
        lines.insert(1, (48, collected(language, collected_fen), 24, INK))
    if balance_fen is not None:
        lines.append((144, words["balance"], 24, DIM))
        lines.append((176, yuan(balance_fen), 48, INK))
    return tuple(lines)
