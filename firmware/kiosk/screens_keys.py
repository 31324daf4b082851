"""Screens of what a customer presses at the keypad: an amount, a button of the price list, a PIN."""

from kiosk.layout import BAND
from kiosk.screens import DIM, INK, WARN, top, yuan
from kiosk.texts import say


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
