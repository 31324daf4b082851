"""The numbers of a scenario: money, shares, times and counts, each by the slot of its form."""

import re

from protocol.card.layout import VALUE_FEN_MAX

_MONEY = re.compile(r"(\d{1,9})(?:\.(\d{1,2}))?", re.ASCII)
_SHIFT = re.compile(r"\+(\d{1,5})([smhd])", re.ASCII)
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}
SHIFT_S_MAX = 366 * 86400
_SHARE = re.compile(r"(?:0(?:\.\d+)?|1(?:\.0+)?)", re.ASCII)


def parse_money(word: str) -> int | None:
    """ "25.00" -> 2500 fen; None when it is no sum of money."""
    found = _MONEY.fullmatch(word)
    if not found:
        return None
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))


def read(slot: str, word: str) -> tuple[str, int]:
    """(its name in Step.numbers, its value); ValueError says what was expected."""
    if slot == "MONEY":
        fen = parse_money(word)
        if fen is None or fen > VALUE_FEN_MAX:
            raise ValueError(f"a sum in yuan from 0.00 to {VALUE_FEN_MAX // 100}.00")
        return "money_fen", fen
    if slot == "SHARE":
        if not _SHARE.fullmatch(word):
            raise ValueError("a share from 0 to 1")
        whole, _, part = word.partition(".")
        return "share_permille", int(whole) * 1000 + int((part + "000")[:3])
    if slot == "SHIFT":
        found = _SHIFT.fullmatch(word)
        shift_s = int(found[1]) * _UNIT_S[found[2]] if found else 0
        if not 0 < shift_s <= SHIFT_S_MAX:
            raise ValueError("a time like +90s, +15m, +2h or +1d, of a year at most")
        return "shift_s", shift_s
    low = 1 if slot == "COUNT" else 0
    if not (word.isascii() and word.isdigit() and len(word) <= 6 and int(word) >= low):
        raise ValueError(f"a whole number from {low} to 999999")
    return ("delay_ms" if slot == "MS" else "number"), int(word)
