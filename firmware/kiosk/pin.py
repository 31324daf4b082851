"""The customer's PIN at the keypad, where the host wants one (kiosk/online.py)."""

from hal import ticks
from kiosk import screens_keys

DIGITS_MIN, DIGITS_MAX = 4, 8
ENTRY_MS = 30_000  # without a key: the customer went away


async def enter(teller) -> bytes | None:  # type: ignore[no-untyped-def]
    """-> its digits; None when the customer cancelled, took back a digit too many, or went away."""
    teller.front.keys = ""  # pressed before it was asked for
    digits, began = "", ticks.now()
    _show(teller, digits)
    while ticks.since(began) < ENTRY_MS:
        key = teller.front.key()
        if not key:
            await teller.rest()
            continue
        began = ticks.now()
        if key in "E#" and len(digits) >= DIGITS_MIN:
            return digits.encode()
        if key == "C" or (key in "B*" and not digits):
            return None
        if key in "B*":
            digits = digits[:-1]
        elif key.isdigit() and len(digits) < DIGITS_MAX:
            digits += key
        _show(teller, digits)
    return None


def _show(teller, digits: str) -> None:  # type: ignore[no-untyped-def]
    wrong = teller.reason == "pin_wrong"
    teller.front.show(screens_keys.pin(teller.settings.language, len(digits), teller.price_fen, wrong))
