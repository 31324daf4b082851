"""ISO 7816-4 as cards answer it: status words, how the bytes of the three commands we have are split."""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

SELECT, READ_BINARY, UPDATE_BINARY = 0xA4, 0xB0, 0xD6
OK, WRONG_LENGTH, NOT_ALLOWED, NO_FILE_SELECTED = 0x9000, 0x6700, 0x6982, 0x6985
NOT_FOUND, WRONG_PARAMETER, NO_SUCH_COMMAND = 0x6A82, 0x6A86, 0x6D00
MASTER_FILE: Final = 0x3F00
READ_MAX: Final = 256
# P1 of SELECT.
BY_ID, CHILD_DF, EF_HERE, BY_NAME = 0x00, 0x01, 0x02, 0x04
_P2: Final = (0x00, 0x0C)  # with or without the file control information, of which there is none
_SHORT_ID: Final = 0x80
C = TypeVar("C")


class IsoRefused(Exception):
    """The command changes nothing and is answered with this status word."""

    def __init__(self, sw: int) -> None:
        super().__init__(f"status word {sw:04X}")
        self.sw = sw


def answer(commands: Mapping[int, Callable[[C, bytes], bytes]], chip: C, apdu: bytes) -> bytes:
    """What the command that the APDU names does with this chip, status word at its end; raises IsoRefused."""
    if len(apdu) < 4:
        raise IsoRefused(WRONG_LENGTH)
    if apdu[1] not in commands:
        raise IsoRefused(NO_SUCH_COMMAND)
    return commands[apdu[1]](chip, apdu) + OK.to_bytes(2, "big")


def body(apdu: bytes, le_allowed: bool = True) -> bytes:
    """Data of Lc bytes, and after them one Le at most; raises IsoRefused."""
    lengths = (5 + apdu[4], 6 + apdu[4] if le_allowed else 0) if len(apdu) >= 5 else ()
    if len(apdu) not in lengths:
        raise IsoRefused(WRONG_LENGTH)
    return apdu[5 : 5 + apdu[4]]


def selection(apdu: bytes) -> tuple[int, bytes]:
    """P1 and the name or identifier that SELECT asks for: empty for the master file."""
    p1, p2 = apdu[2:4]
    if p1 not in (BY_ID, CHILD_DF, EF_HERE, BY_NAME) or p2 not in _P2:
        raise IsoRefused(WRONG_PARAMETER)
    if len(apdu) == 4 or (len(apdu) == 5 and not apdu[4]):
        wanted = b""
    else:
        wanted = body(apdu)
    if p1 == BY_NAME:
        fits = bool(wanted)
    else:
        fits = len(wanted) == 2 or (not wanted and p1 == BY_ID)
    if not fits:
        raise IsoRefused(WRONG_LENGTH)
    return p1, wanted


def place(p1: int, p2: int) -> tuple[int | None, int]:
    """Short file identifier, or None for the selected file, and the offset that P1 and P2 name."""
    if not p1 & _SHORT_ID:
        return None, p1 << 8 | p2
    if p1 & 0x60:
        raise IsoRefused(WRONG_PARAMETER)
    return p1 & 0x1F, p2


def read_length(apdu: bytes, size: int, offset: int) -> int:
    """How many bytes READ BINARY wants of a file of this size from there on; Le 0: all, READ_MAX at most."""
    left = size - offset
    if left <= 0:
        raise IsoRefused(WRONG_PARAMETER)
    length = apdu[4] or min(left, READ_MAX)
    if length > left:
        raise IsoRefused(WRONG_LENGTH)
    return length
