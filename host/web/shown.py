"""How sums, times and ages are written for people, and read from them."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from host import clock

YUAN = re.compile(r"\s*[¥￥]?\s*(\d{1,3}(?:,\d{3})+|\d{1,9})(?:[.](\d{1,2}))?\s*元?\s*", re.ASCII)


def yuan(fen: int | None) -> str:
    """1250 -> ¥12.50; below zero with a true minus sign."""
    if fen is None:
        return "—"
    return f"{'−' if fen < 0 else ''}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def change(fen: int) -> str:
    """The same with its sign: +¥12.50"""
    return f"+{yuan(fen)}" if fen > 0 else yuan(fen)


def fen(text: str) -> int | None:
    """“12.5”, “1,200”, “￥12.50” -> fen; None for what is no sum of yuan with at most two decimals."""
    found = YUAN.fullmatch(text)
    if found is None:
        return None
    whole, part = found[1].replace(",", ""), (found[2] or "").ljust(2, "0")
    return int(whole) * 100 + int(part)


def when(at_s: int) -> str:
    """In the time of the house: 2026-03-01 10:20"""
    return datetime.fromtimestamp(at_s).strftime("%Y-%m-%d %H:%M")


def day(at_s: int) -> str:
    """Its day alone."""
    return when(at_s)[:10]


def age(since_s: int) -> tuple[int, str]:
    """(how many, "minutes", "hours" or "days") since then."""
    minutes = max(0, clock.now_s() - since_s) // 60
    if minutes < 120:
        return minutes, "minutes"
    return (minutes // 60, "hours") if minutes < 48 * 60 else (minutes // 1440, "days")


def person(who: str) -> str:
    """operator:ann -> ann"""
    return who.partition(":")[2] or who


def digits(sentence: str) -> str:
    """The first number in a sentence, as the seconds that one has to wait."""
    found = re.search(r"\d+", sentence)
    return found[0] if found else ""


def unsent(card: dict[str, Any]) -> int:
    """What waits for a card and was not sent to it yet, in fen; card: looking.card()."""
    sent_fen = sum(load["amount_fen"] for load in card["pending"] if load["amount_fen"] > 0)
    left_fen: int = card["waits_fen"] - sent_fen
    return max(0, left_fen)


FILTERS: dict[str, Callable[..., Any]] = {
    "digits": digits,
    "unsent": unsent,
    "yuan": yuan,
    "change": change,
    "when": when,
    "day": day,
    "age": age,
    "person": person,
}
