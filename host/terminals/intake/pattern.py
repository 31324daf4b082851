"""Reports, alone or in a journal, read by one regular expression each, made from the message table.

A pattern takes exactly the bytes that protocol.wire would take: the one encoding of CBOR, the table's fields
in their order, every number within its limits. So one match, made in C, is shape, canonical form and limits
at once. What does not match says nothing: it goes the long way, through protocol.wire, which knows why.
"""

import re
from collections.abc import Callable
from itertools import product
from operator import itemgetter
from typing import Any

from host.terminals.fleet.kiosks import Kiosk
from host.terminals.reported.report import Report
from protocol.wire import cbor, messages

# A number's head (RFC 8949 3): low 5 bits, bytes after it, lowest and highest number. No report has 64 bits.
_HEADS = ((24, 1, 24, 0xFF), (25, 2, 0x100, 0xFFFF), (26, 4, 0x10000, messages.U32))
_MASKS = (0, 0x1F, 0xFF, 0xFFFF, 0, messages.U32)  # by length of an encoding: without its head
_number = int.from_bytes
_LIST = 4  # major type


def _between(low: bytes, high: bytes) -> bytes:
    """All strings of one length from low to high."""
    size = len(low)
    if low == bytes(size) and high == b"\xff" * size:
        return b"." * size
    if low[0] == high[0]:
        return b"\\x%02x" % low[0] + _between(low[1:], high[1:])
    first, last, ways = low[0], high[0], []
    if any(low[1:]):
        ways.append(b"\\x%02x" % first + _between(low[1:], b"\xff" * (size - 1)))
        first += 1
    if high[1:] != b"\xff" * (size - 1):
        ways.append(b"\\x%02x" % last + _between(bytes(size - 1), high[1:]))
        last -= 1
    if first <= last:
        ways.append(b"[\\x%02x-\\x%02x]" % (first, last) + b"." * (size - 1))
    return b"(?:" + b"|".join(ways) + b")"


def number(low: int, high: int, major: int = 0) -> bytes:
    """A group: the encodings of the numbers from low to high, or of the heads of lists of so many items."""
    if not 0 <= low <= high <= messages.U32:
        raise ValueError("no pattern for numbers outside 32 bits")
    ways = []
    if low < 24:
        ways.append(_between(bytes([major << 5 | low]), bytes([major << 5 | min(high, 23)])))
    for info, size, lowest, highest in _HEADS:
        first, last = max(low, lowest), min(high, highest)
        if first <= last:
            head = b"\\x%02x" % (major << 5 | info)
            ways.append(head + _between(first.to_bytes(size, "big"), last.to_bytes(size, "big")))
    return b"(" + b"|".join(ways) + b")"


def plain(encoding: bytes) -> int:
    """The number that a group of number() holds."""
    return _number(encoding) & _MASKS[len(encoding)]


def _octets(low: int, high: int) -> bytes:
    """A group: byte strings of low to high bytes, with a head of one byte."""
    if high > 23:
        raise ValueError("no pattern for byte strings with a longer head")
    return b"(" + b"|".join(b"\\x%02x.{%d}" % (0x40 | size, size) for size in range(low, high + 1)) + b")"


_GROUPS = {"uint": number, "int": number, "bytes": _octets}
_EPOCH, _COUNTER = number(0, messages.U16), number(1, messages.U32)  # a report's


def _exact(*values: object) -> bytes:
    return b"".join(re.escape(cbor.encode(value)) for value in values)


class Pattern:
    """One kind of report with one set of its fields.

    message matches it in an envelope, from the epoch on; record matches it in the list of a journal, where it
    has no epoch: group 1 is the epoch, group 2 the counter, and group 2 ends where [kind, body] begins.
    """

    __slots__ = ("_numbers", "_octets", "_order", "kind", "message", "names", "record")

    def __init__(self, kind: int, rows: tuple[Any, ...]) -> None:
        self.kind = kind
        self.names = tuple(row[1] for row in rows)
        content = _exact(kind) + re.escape(bytes([5 << 5 | len(rows)]))
        for key, _name, what, _unit, low, high, _required in rows:
            content += _exact(key) + _GROUPS[what](low, high)
        self.message = re.compile(_EPOCH + _COUNTER + content, re.DOTALL).fullmatch
        self.record = re.compile(rb"\x83()" + number(1, messages.U32) + content, re.DOTALL).match
        places = [(at, row[2] == "bytes") for at, row in enumerate(rows, 3)]
        self._numbers = (2, *(at for at, is_bytes in places if not is_bytes))  # the counter first
        self._octets = tuple(at for at, is_bytes in places if is_bytes)
        found = (*self._numbers, *self._octets)
        order: Callable[[list[Any]], tuple[Any, ...]] = itemgetter(*(found.index(at) for at, _ in places))
        self._order = order

    def report(self, kiosk: Kiosk, epoch: int, match: re.Match[bytes]) -> Report:
        """What a match holds."""
        # plain() written out: a call a field would be a third of all the time
        found: list[Any] = [_number(group) & _MASKS[len(group)] for group in match.group(*self._numbers)]
        counter = found[0]
        for at in self._octets:
            found.append(match[at][1:])
        content = b"\x82" + match.string[match.end(2) : match.end()]
        return Report(kiosk, epoch, counter, self.kind, self.names, self._order(found), content)


def _patterns(kind: int) -> list[Pattern]:
    """One for each set of optional fields; the fullest first."""
    ways = [(((row,),) if row[6] else ((row,), ())) for row in messages.MESSAGES[kind][2]]
    return [Pattern(kind, sum(chosen, ())) for chosen in product(*ways)]


# a report without a field is rare, and goes the long way
KINDS = tuple(kind for kind in messages.REPORTS if messages.MESSAGES[kind][2])
PATTERNS = tuple(pattern for kind in KINDS for pattern in _patterns(kind))


def _journal() -> bytes:
    ((key, _name, _what, _unit, low, high, _required),) = messages.MESSAGES[messages.JOURNAL][2]
    head = _EPOCH + number(0, messages.U32) + _exact(messages.JOURNAL)
    return head + rb"\xa1" + _exact(key) + number(low, high, _LIST)


# A journal from the epoch to its first record: group 1 is the epoch, group 3 says how many records there are.
JOURNAL = re.compile(_journal(), re.DOTALL).match
