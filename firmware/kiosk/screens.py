"""Screens as lists of lines, from the state of a sale: pure, no display.

    line = (y, text, size, colour)   y a multiple of 8, size 24 or 48 pixels, text centred
    colour | BAND                    the text stands in a band of that colour across the whole screen
An outcome is told by its words and its band (and by the buzzer's rhythm), not by colour alone.
"""

from kiosk.texts import TEXTS

INK, DIM, GOOD, BAD, WARN = 0, 1, 2, 3, 4  # colours by meaning; the painter knows their RGB
BAND = 8


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


def reading(language: str, price_fen: int) -> tuple:
    """The card is in the field."""
    words = TEXTS[language]
    return (
        (32, words["reading"], 24, INK),
        (88, "¥" + yuan(price_fen), 48, INK),
        (200, words["hold"], 24, INK),
    )


def paid(language: str, amount_fen: int, balance_fen: int, already: bool) -> tuple:
    """The card paid now, or it turns out that it had paid."""
    words = TEXTS[language]
    return (
        (16, words["already" if already else "paid"], 24, GOOD | BAND),
        (72, "¥" + yuan(amount_fen), 48, INK),
        (144, words["balance"], 24, DIM),
        (176, yuan(balance_fen), 48, INK),
    )


def refused(language: str, reason: str, balance_fen: int | None) -> tuple:
    """Nothing was taken, why, and what to do."""
    words = TEXTS[language]
    lines = [(16, words["not_charged"], 24, BAD | BAND)]
    for index, text in enumerate(words[reason]):
        lines.append((72 + 32 * index, text, 24, INK))
    if balance_fen is not None:
        lines.append((144, words["balance"], 24, DIM))
        lines.append((176, yuan(balance_fen), 48, INK))
    return tuple(lines)


def rejected(language: str) -> tuple:
    """The host says that the card is not genuine: no goods, and no claim about its money."""
    words = TEXTS[language]
    first, second = words["forged"]
    return ((16, words["rejected"], 24, BAD | BAND), (72, first, 24, INK), (104, second, 24, INK))


def unknown(language: str, reason: str) -> tuple:
    """Nobody can say yet whether the card paid. reason: again, or undecided."""
    words = TEXTS[language]
    first, second = words[reason]
    return ((16, words["unknown"], 24, WARN | BAND), (88, first, 24, INK), (128, second, 24, INK))


def out_of_service(language: str, reason: str) -> tuple:
    """No sale possible."""
    words = TEXTS[language]
    lines = [(16, words["out"], 24, WARN | BAND)]
    for index, text in enumerate(words[reason]):
        lines.append((88 + 32 * index, text, 24, INK))
    return tuple(lines)
