"""The ISO 7816-4 commands (data sheet 10.9): SELECT, READ BINARY, UPDATE BINARY, answered with status words.

While somebody is authenticated the files are closed to these commands.
"""

from typing import Final

from simulator.card.ntag424.chip import Chip
from simulator.card.ntag424.state import FREE, File
from simulator.card.status import Refused

SELECT, READ_BINARY, UPDATE_BINARY = 0xA4, 0xB0, 0xD6
OK, WRONG_LENGTH, NOT_ALLOWED, NO_FILE_SELECTED = 0x9000, 0x6700, 0x6982, 0x6985
NOT_FOUND, WRONG_PARAMETER, NO_SUCH_COMMAND = 0x6A82, 0x6A86, 0x6D00
CARD_NAME, APPLICATION_NAME = bytes.fromhex("D2760000850100"), bytes.fromhex("D2760000850101")
_CARD_ID, _APPLICATION_ID = 0x3F00, 0xE110
_READ_MAX: Final = 256


class IsoRefused(Exception):
    """The command changes nothing and is answered with this status word."""

    def __init__(self, sw: int) -> None:
        super().__init__(f"status word {sw:04X}")
        self.sw = sw


def handle(chip: Chip, apdu: bytes) -> bytes:
    """Answer to a command of class 00, status word at its end."""
    try:
        if len(apdu) < 4:
            raise IsoRefused(WRONG_LENGTH)
        if apdu[1] == SELECT:
            _select(chip, apdu)
            return OK.to_bytes(2, "big")
        if apdu[1] == READ_BINARY:
            return _read(chip, apdu) + OK.to_bytes(2, "big")
        if apdu[1] == UPDATE_BINARY:
            _update(chip, apdu)
            return OK.to_bytes(2, "big")
        raise IsoRefused(NO_SUCH_COMMAND)
    except IsoRefused as refused:
        return refused.sw.to_bytes(2, "big")


def _body(apdu: bytes) -> bytes:
    """Data of Lc bytes; after them one Le at most."""
    if len(apdu) < 5 or len(apdu) not in (5 + apdu[4], 6 + apdu[4]):
        raise IsoRefused(WRONG_LENGTH)
    return apdu[5 : 5 + apdu[4]]


def _select(chip: Chip, apdu: bytes) -> None:
    p1, p2 = apdu[2:4]
    if p1 not in (0x00, 0x01, 0x02, 0x04) or p2 not in (0x00, 0x0C):
        raise IsoRefused(WRONG_PARAMETER)
    if len(apdu) == 4 or (len(apdu) == 5 and not apdu[4]):
        if p1:
            raise IsoRefused(WRONG_LENGTH)
        chip.power_on()
        return
    wanted = _body(apdu)
    if p1 == 0x04:
        if wanted not in (CARD_NAME, APPLICATION_NAME):
            raise IsoRefused(NOT_FOUND)
        chip.power_on()
        chip.in_application = wanted == APPLICATION_NAME
        return
    if len(wanted) != 2:
        raise IsoRefused(WRONG_LENGTH)
    identifier = int.from_bytes(wanted, "big")
    if p1 != 0x02 and identifier in (_CARD_ID, _APPLICATION_ID):
        chip.power_on()
        chip.in_application = identifier == _APPLICATION_ID
        return
    files = chip.state.files if chip.in_application and p1 != 0x01 else {}
    found = [number for number, file in files.items() if file.iso_id == identifier]
    if not found:
        raise IsoRefused(NOT_FOUND)
    chip.selected = found[0]


def _file(chip: Chip, p1: int, p2: int) -> tuple[int, File, int]:
    """(number, file, offset); with the top bit of P1 a short identifier selects on the way."""
    if p1 & 0x80:
        files = chip.state.files if chip.in_application else {}
        found = [number for number, file in files.items() if file.iso_id & 0x1F == p1 & 0x1F]
        if p1 & 0x60 or not found:
            raise IsoRefused(NOT_FOUND if not p1 & 0x60 else WRONG_PARAMETER)
        chip.selected, offset = found[0], p2
    else:
        offset = p1 << 8 | p2
    if chip.selected is None:
        raise IsoRefused(NO_FILE_SELECTED)
    return chip.selected, chip.state.files[chip.selected], offset


def _free(chip: Chip, *rights: int) -> None:
    if chip.session is not None or FREE not in rights:
        raise IsoRefused(NOT_ALLOWED)


def _read(chip: Chip, apdu: bytes) -> bytes:
    if len(apdu) != 5:
        raise IsoRefused(WRONG_LENGTH)
    number, file, offset = _file(chip, apdu[2], apdu[3])
    _free(chip, file.rights[0], file.rights[2])
    left = len(file.content) - offset
    length = apdu[4] or min(left, _READ_MAX)
    if left <= 0:
        raise IsoRefused(WRONG_PARAMETER)
    if length > left:
        raise IsoRefused(WRONG_LENGTH)
    try:
        return chip.content(READ_BINARY, number)[offset : offset + length]
    except Refused:  # the counter has reached its limit
        raise IsoRefused(NOT_ALLOWED) from None


def _update(chip: Chip, apdu: bytes) -> None:
    body = _body(apdu)
    if not body or len(apdu) != 5 + len(body):
        raise IsoRefused(WRONG_LENGTH)
    _, file, offset = _file(chip, apdu[2], apdu[3])
    _free(chip, file.rights[1], file.rights[2])
    if offset + len(body) > len(file.content):
        raise IsoRefused(WRONG_PARAMETER)
    chip.write(file, offset, body)
