"""Small files of named fields: a CBOR map {1: first, 2: second, ...} held against rows, on both sides alike.

Row: (name, kind, low, high, usual). kind as in kinds.py, or a tuple of texts that one has to choose from.
low is None where fields belong together: all rows with None have a value, or none has. usual: what a field
has that is left out; None where it may not be.
"""

from protocol.wire import cbor, kinds

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from typing import Any


class FormError(ValueError):
    """The file can't be used; the sentence says what is wrong with it."""


def encode(file: str, rows: "tuple[tuple[Any, ...], ...]", values: "dict[str, Any]") -> bytes:
    """Values by name -> bytes; what has its usual value is left out. FormError. file: what it is called."""
    made = [values.pop(row[0], row[4]) for row in rows]
    if values:
        raise FormError("%s has no field %s" % (file, sorted(values)[0]))
    _check(file, rows, made)
    return cbor.encode({at + 1: made[at] for at in range(len(made)) if made[at] != rows[at][4]})


def decode(file: str, rows: "tuple[tuple[Any, ...], ...]", data: bytes) -> "dict[str, Any]":
    """Bytes -> {name: value} with every name. FormError."""
    try:
        raw = cbor.decode(data)
    except cbor.CborError as error:
        raise FormError("%s is damaged: %s" % (file, error))
    if not isinstance(raw, dict):
        raise FormError(file + " is no map")
    made = [raw.pop(at + 1, rows[at][4]) for at in range(len(rows))]
    if raw or None in made:
        raise FormError(file + " has other fields than expected")
    _check(file, rows, made)
    return {rows[at][0]: made[at] for at in range(len(rows))}


def _check(file: str, rows: "tuple[tuple[Any, ...], ...]", values: "list[Any]") -> None:
    together = 0
    for at in range(len(rows)):
        if rows[at][2] is None and values[at]:
            together = 1
    for at in range(len(rows)):
        name, kind, low, high, _usual = rows[at]
        if isinstance(kind, tuple):
            good, said = values[at] in kind, " or ".join(kind)
        else:
            low = together if low is None else low
            good = kinds.fits(kind, values[at], low, high)
            said = "%s, %d to %d%s" % (kind, low, high, "" if kind == "uint" else " bytes")
        if not good:
            raise FormError("%s's %s must be %s" % (file, name, said))
