"""Fields of what was asked, read with their limits; what is wrong is refused with the field's name."""

import re
from typing import Any

from host.errors import Refused

# Texts are limited by their bytes in UTF-8; this is how that is said to people.
COUNTED = "a Chinese one counts as three"


def known(content: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The content, of which every field is one of these."""
    for name in content:
        if name not in names:
            raise Refused(
                400, "field", f"There is no field {str(name)[:40]!r} here; known: {', '.join(names)}."
            )
    return content


def integer(content: dict[str, Any], name: str, low: int, high: int, default: int | None = None) -> int:
    """A whole number in low..high."""
    value = content.get(name, default)
    if type(value) is not int or not low <= value <= high:
        raise Refused(400, "field", f"{name} must be a whole number from {low} to {high}.")
    return value


def text(content: dict[str, Any], name: str, low: int, high: int, default: str | None = None) -> str:
    """A string of low to high bytes in UTF-8, without control characters."""
    value = content.get(name, default)
    try:
        good = isinstance(value, str) and low <= len(value.encode()) <= high and value.isprintable()
    except UnicodeError:  # half of a surrogate pair, which JSON can carry
        good = False
    if not good:
        raise Refused(400, "field", f"{name} must be a text of {low} to {high} characters, {COUNTED}.")
    assert isinstance(value, str)
    return value


def of_form(error: Exception) -> str:
    """What a protocol.wire.form.FormError says, with texts measured as everywhere else."""
    return re.sub(r"text, (\d+) to (\d+) bytes", rf"a text of \1 to \2 characters, {COUNTED}", str(error))


def uid(raw: object) -> bytes:
    """A UID in hex, 4 to 10 bytes."""
    try:
        value = bytes.fromhex(raw) if isinstance(raw, str) else b""
    except ValueError:
        value = b""
    if not 4 <= len(value) <= 10:
        raise Refused(400, "field", "uid must be 4 to 10 bytes in hex.")
    return value
