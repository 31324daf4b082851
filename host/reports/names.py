"""The names that our accounts and units have in plain-text accounting.

Beancount is the stricter reader, and hledger takes the same names: groups and names of ASCII letters, digits
and dashes behind colons, each beginning with a capital letter or a digit.
"""

import re
from functools import lru_cache

from host.errors import HostError
from host.ledger.chart import KINDS, UNITS

OPENING = "Equity:OpeningBalances"  # what was there before the first day of an export of some days
_ODD = re.compile(r"[^A-Za-z0-9]")
_NATURAL = "abcdefghijklmnopqrstuvwyz0123456789"  # how owners begin; x stands for all else
_BETWEEN = {":": "--", "-": "-"}


def owner_name(owner: str) -> str:
    """An owner's name as one part of an account's: no two owners have the same.

    card:04AB:1 -> Card--04AB--1; a dash stays; anything else, and a colon or dash that stands between no two
    letters or digits, becomes ---HEX-, its code point. What begins unlike an owner of ours begins with X.
    One part and no group of parts: Beancount adds what is below an account to its balance.
    """
    start, rest = "", 0
    if not owner or owner[0] not in _NATURAL:
        start, rest = "X" + "".join(map(_code, owner[:1])), 1
    named = "".join(
        [_part(owner, at) if _ODD.match(owner[at]) else owner[at] for at in range(rest, len(owner))]
    )
    return start + (named if rest else named[0].upper() + named[1:])


def _part(owner: str, at: int) -> str:
    letters = at > 0 and not _ODD.match(owner[at - 1]) and not _ODD.match(owner[at + 1 : at + 2] or "!")
    return _BETWEEN.get(owner[at], _code(owner[at])) if letters else _code(owner[at])


def _code(character: str) -> str:
    return f"---{ord(character):x}-"


@lru_cache(maxsize=10_000)
def account(kind: str, owner: str) -> str:
    """An account's whole name; HostError for a kind that this program's chart does not have."""
    if kind not in KINDS:
        raise _unknown("account of the kind", kind)
    return f"{KINDS[kind].place}:{owner_name(owner)}"


def commodity(unit: str) -> str:
    """A unit's name: CNY, POINTS. HostError for one that the chart does not have."""
    if unit not in UNITS:
        raise _unknown("amount in the unit", unit)
    return unit.upper()


def amount(count: int, unit: str) -> str:
    """A count of the smallest part of a unit as people write it: -1, "CNY" -> "-0.01 CNY"."""
    digits, name = UNITS.get(unit, 0), commodity(unit)
    text = str(abs(count)).zfill(digits + 1)
    if digits:
        text = f"{text[:-digits]}.{text[-digits:]}"
    return f"{'-' if count < 0 else ''}{text} {name}"


def _unknown(what: str, name: str) -> HostError:
    return HostError(f"The books have an {what} “{name}”, which this program does not know: update it.")
