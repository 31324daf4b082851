"""Card numbers: a scheme in the settings says how they look, and each is given once.

A scheme is text with fields in braces: {seq:N} the running number with N digits, {region} what a branch is
called (755), {check} a last digit by ISO/IEC 7812-1 annex B (Luhn) over all digits before it. For example
`{region} {seq:5}` (755 00243) or `VIP{seq:6}{check}`; where none was set, `{seq:12}`. Each region counts for
itself.
"""

import re
from dataclasses import dataclass

from host.cards.terms import RegistryError
from host.db.connection import Connection
from protocol.card.layout import NUMBER_SIZE

DEFAULT = "{seq:12}"
SETTING, REGION_SETTING = "card_number_scheme", "card_number_region"
_FIELD = re.compile(r"\{([a-z]+)(?::([0-9]{1,3}))?\}")
_REGION = re.compile(r"[0-9A-Z]{1,8}")


@dataclass(frozen=True)
class Scheme:
    """A scheme that was read. parts: [(kind, text or digits)], kind "text", "seq", "region" or "check"."""

    text: str
    parts: tuple[tuple[str, str], ...]
    digits: int

    @property
    def has_region(self) -> bool:
        """Must a region be named?"""
        return any(kind == "region" for kind, _ in self.parts)

    def number(self, sequence: int, region: str = "") -> str:
        """The number at this place. RegistryError when there are none left or it fits on no card."""
        if not 0 < sequence < 10**self.digits:
            raise RegistryError(
                "card-number",
                f"The numbers of {self.text}{f' in region {region}' if region else ''} are used up: "
                "set a scheme with more digits.",
            )
        made = ""
        for kind, text in self.parts:
            if kind == "seq":
                made += f"{sequence:0{self.digits}d}"
            elif kind == "check":
                made += luhn(made)
            else:
                made += region if kind == "region" else text
        if len(made) > NUMBER_SIZE:
            raise RegistryError(
                "card-number", f"{made} has {len(made)} characters; a card holds {NUMBER_SIZE}."
            )
        return made

    def fits(self, number: str) -> bool:
        """Could this be a number of the scheme? Finds most slips of a pen where there is a check digit."""
        shapes = {"seq": f"[0-9]{{{self.digits}}}", "check": "[0-9]", "region": _REGION.pattern}
        pattern = "".join(shapes.get(kind) or re.escape(text) for kind, text in self.parts)
        if not re.fullmatch(pattern, number):
            return False
        return self.parts[-1][0] != "check" or luhn(number[:-1]) == number[-1]


def luhn(number: str) -> str:
    """The check digit over the digits of a text."""
    total = 0
    for place, digit in enumerate(reversed([int(char) for char in number if char.isdecimal()])):
        doubled = digit * 2 if place % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def read(text: str) -> Scheme:
    """A scheme's text -> Scheme; RegistryError says what is wrong with it."""
    parts: list[tuple[str, str]] = []
    at = 0
    for field in _FIELD.finditer(text):
        parts += [("text", text[at : field.start()])] * (field.start() > at)
        parts.append((field[1], field[2] or ""))
        at = field.end()
    parts += [("text", text[at:])] * (at < len(text))
    kinds = [kind for kind, _ in parts]
    literal = "".join(part for kind, part in parts if kind == "text")
    wide = dict(parts).get("seq", "")
    faults = (
        (not (literal.isascii() and literal.isprintable()), "its text must be printable ASCII"),
        ("{" in literal or "}" in literal, "a brace belongs to {seq:N}, {region} or {check}"),
        (
            bool(set(kinds) - {"text", "seq", "region", "check"}),
            "the fields are {seq:N}, {region} and {check}",
        ),
        (any(part for kind, part in parts if kind in ("region", "check")), "only {seq:N} has a number"),
        (kinds.count("seq") != 1 or not wide, "{seq:N} must be there once, with its number of digits"),
        (kinds.count("region") > 1 or kinds.count("check") > 1, "a field must not be there twice"),
        ("check" in kinds[:-1], "{check} must be last"),
        (bool(wide) and not 1 <= int(wide) <= NUMBER_SIZE, f"{{seq:N}} has 1 to {NUMBER_SIZE} digits"),
    )
    for is_wrong, why in faults:
        if is_wrong:
            raise RegistryError("card-number", f"“{text}” is no scheme of card numbers: {why}.")
    scheme = Scheme(text, tuple(parts), int(wide))
    scheme.number(1, "X" if scheme.has_region else "")  # its shortest fits on a card
    return scheme


def must_be_region(region: str) -> str:
    """RegistryError unless it is 1 to 8 digits or capital letters."""
    if not _REGION.fullmatch(region):
        raise RegistryError("card-number", "A region is 1 to 8 digits or capital letters, for example 755.")
    return region


def scheme_of(connection: Connection) -> tuple[Scheme, str]:
    """(the scheme that holds, the region that holds where none is named)."""
    rows = connection.execute(
        "SELECT name, value FROM settings WHERE name IN (?, ?)", (SETTING, REGION_SETTING)
    ).fetchall()
    found = {row["name"]: row["value"] for row in rows}
    return read(found.get(SETTING, DEFAULT)), found.get(REGION_SETTING, "")


def set_scheme(connection: Connection, text: str, region: str = "") -> Scheme:
    """From now on numbers look so; those that were given stay. RegistryError."""
    scheme = read(text)
    if scheme.has_region:
        scheme.number(1, must_be_region(region))
    elif region:
        raise RegistryError("card-number", f"“{text}” names no {{region}}: leave the region out.")
    for name, value in ((SETTING, text), (REGION_SETTING, region)):
        connection.execute(
            "INSERT INTO settings (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )
    return scheme


def following(connection: Connection, region: str | None = None) -> str:
    """The next number; those of old cards are stepped over. RegistryError when there are none left."""
    scheme, usual = scheme_of(connection)
    if scheme.has_region:
        named = must_be_region(region or usual)
    elif region:
        raise RegistryError("card-number", f"The scheme “{scheme.text}” names no region.")
    else:
        named = ""
    while True:
        row = connection.execute(
            "INSERT INTO card_numbers (scheme, region, last) VALUES (?, ?, 1)"
            " ON CONFLICT (scheme, region) DO UPDATE SET last = card_numbers.last + 1 RETURNING last",
            (scheme.text, named),
        ).fetchone()
        number = scheme.number(row["last"], named)
        if not is_taken(connection, number):
            return number


def is_taken(connection: Connection, number: str) -> bool:
    """Has a card this number?"""
    return connection.execute("SELECT 1 FROM cards WHERE number = ?", (number,)).fetchone() is not None
