"""The ISO 7816-4 commands (data sheet 10.9): SELECT, READ BINARY, UPDATE BINARY, answered with status words.

While somebody is authenticated the files are closed to these commands.
"""

from collections.abc import Callable
from typing import Final

from simulator.card import iso7816
from simulator.card.iso7816 import IsoRefused
from simulator.card.ntag424.chip import Chip
from simulator.card.ntag424.state import FREE, File
from simulator.card.status import Refused

CARD_NAME, APPLICATION_NAME = bytes.fromhex("D2760000850100"), bytes.fromhex("D2760000850101")
_APPLICATION_ID: Final = 0xE110


def handle(chip: Chip, apdu: bytes) -> bytes:
    """Answer to a command of class 00, status word at its end."""
    try:
        return iso7816.answer(_COMMANDS, chip, apdu)
    except IsoRefused as refused:
        return refused.sw.to_bytes(2, "big")


def _select(chip: Chip, apdu: bytes) -> bytes:
    p1, wanted = iso7816.selection(apdu)
    if p1 == iso7816.BY_NAME:
        if wanted not in (CARD_NAME, APPLICATION_NAME):
            raise IsoRefused(iso7816.NOT_FOUND)
        chip.power_on()
        chip.in_application = wanted == APPLICATION_NAME
        return b""
    identifier = int.from_bytes(wanted, "big") if wanted else iso7816.MASTER_FILE
    if p1 != iso7816.EF_HERE and identifier in (iso7816.MASTER_FILE, _APPLICATION_ID):
        chip.power_on()
        chip.in_application = identifier == _APPLICATION_ID
        return b""
    files = chip.state.files if chip.in_application and p1 != iso7816.CHILD_DF else {}
    found = [number for number, file in files.items() if file.iso_id == identifier]
    if not found:
        raise IsoRefused(iso7816.NOT_FOUND)
    chip.selected = found[0]
    return b""


def _file(chip: Chip, p1: int, p2: int) -> tuple[int, File, int]:
    """(number, file, offset); with the top bit of P1 a short identifier selects on the way."""
    short_id, offset = iso7816.place(p1, p2)
    if short_id is not None:
        files = chip.state.files if chip.in_application else {}
        found = [number for number, file in files.items() if file.iso_id & 0x1F == short_id]
        if not found:
            raise IsoRefused(iso7816.NOT_FOUND)
        chip.selected = found[0]
    if chip.selected is None:
        raise IsoRefused(iso7816.NO_FILE_SELECTED)
    return chip.selected, chip.state.files[chip.selected], offset


def _free(chip: Chip, *rights: int) -> None:
    if chip.session is not None or FREE not in rights:
        raise IsoRefused(iso7816.NOT_ALLOWED)


def _read(chip: Chip, apdu: bytes) -> bytes:
    if len(apdu) != 5:
        raise IsoRefused(iso7816.WRONG_LENGTH)
    number, file, offset = _file(chip, apdu[2], apdu[3])
    _free(chip, file.rights[0], file.rights[2])
    length = iso7816.read_length(apdu, len(file.content), offset)
    try:
        return chip.content(iso7816.READ_BINARY, number)[offset : offset + length]
    except Refused:  # the counter has reached its limit
        raise IsoRefused(iso7816.NOT_ALLOWED) from None


def _update(chip: Chip, apdu: bytes) -> bytes:
    body = iso7816.body(apdu, le_allowed=False)
    if not body:
        raise IsoRefused(iso7816.WRONG_LENGTH)
    _, file, offset = _file(chip, apdu[2], apdu[3])
    _free(chip, file.rights[1], file.rights[2])
    if offset + len(body) > len(file.content):
        raise IsoRefused(iso7816.WRONG_PARAMETER)
    chip.write(file, offset, body)
    return b""


_COMMANDS: Final[dict[int, Callable[[Chip, bytes], bytes]]] = {
    iso7816.SELECT: _select,
    iso7816.READ_BINARY: _read,
    iso7816.UPDATE_BINARY: _update,
}
