"""The ISO 7816-4 commands of a DESFire: SELECT, READ BINARY, UPDATE BINARY, answered with status words.

They reach the card level, applications and files by their ISO names and identifiers, as readers of NDEF do,
and open what is free to everybody. While somebody is authenticated the files are closed to them.
"""

from collections.abc import Callable
from typing import Final

from simulator.card import iso7816
from simulator.card.chip import Chip
from simulator.card.commands.data import read_span, write_span
from simulator.card.files import DataFile
from simulator.card.iso7816 import IsoRefused
from simulator.card.rights import FREE
from simulator.card.state import PICC, Application
from simulator.card.status import Refused

_CARD_NAME: Final = bytes.fromhex("D2760000850100")


def handle(chip: Chip, apdu: bytes) -> bytes:
    """Answer to a command of class 00, status word at its end."""
    try:
        return iso7816.answer(_COMMANDS, chip, apdu)
    except IsoRefused as refused:
        chip.refuse()
        return refused.sw.to_bytes(2, "big")


def _select(chip: Chip, apdu: bytes) -> bytes:
    p1, wanted = iso7816.selection(apdu)
    identifier = int.from_bytes(wanted, "big") if wanted else iso7816.MASTER_FILE
    if p1 == iso7816.BY_NAME:
        _select_application(chip, lambda app: app.df_name == wanted, wanted == _CARD_NAME)
    elif p1 != iso7816.CHILD_DF and _file_no(chip, lambda iso_id: iso_id == identifier) is not None:
        chip.iso_file = _file_no(chip, lambda iso_id: iso_id == identifier)
    elif p1 == iso7816.EF_HERE:
        raise IsoRefused(iso7816.NOT_FOUND)
    else:
        card = p1 == iso7816.BY_ID and identifier == iso7816.MASTER_FILE
        _select_application(chip, lambda app: app.iso_id == identifier, card)
    return b""


def _select_application(chip: Chip, fits: Callable[[Application], bool], card: bool) -> None:
    found = [aid for aid, app in chip.state.applications.items() if aid != PICC and fits(app)]
    if not card and not found:
        raise IsoRefused(iso7816.NOT_FOUND)
    chip.select(PICC if card else found[0])


def _read(chip: Chip, apdu: bytes) -> bytes:
    if len(apdu) != 5:
        raise IsoRefused(iso7816.WRONG_LENGTH)
    _, file, offset = _addressed(chip, apdu)
    _need_free(chip, file.rights.read, file.rights.read_write)
    length = iso7816.read_length(apdu, len(file.content), offset)
    return read_span(file, offset, length)


def _update(chip: Chip, apdu: bytes) -> bytes:
    body = iso7816.body(apdu, le_allowed=False)
    if not body:
        raise IsoRefused(iso7816.WRONG_LENGTH)
    file_no, file, offset = _addressed(chip, apdu)
    _need_free(chip, file.rights.write, file.rights.read_write)
    try:
        write_span(chip, file_no, file, offset, body)
    except Refused:  # beyond its end
        raise IsoRefused(iso7816.WRONG_PARAMETER) from None
    return b""


def _addressed(chip: Chip, apdu: bytes) -> tuple[int, DataFile, int]:
    """Number, file and offset; a short identifier selects on the way."""
    short_id, offset = iso7816.place(apdu[2], apdu[3])
    if short_id is not None:
        chip.iso_file = _file_no(chip, lambda iso_id: iso_id & 0x1F == short_id)
        if chip.iso_file is None:
            raise IsoRefused(iso7816.NOT_FOUND)
    file = None if chip.iso_file is None else chip.app.files.get(chip.iso_file)
    if chip.iso_file is None or not isinstance(file, DataFile):
        raise IsoRefused(iso7816.NO_FILE_SELECTED)
    return chip.iso_file, file, offset


def _file_no(chip: Chip, fits: Callable[[int], bool]) -> int | None:
    files = chip.app.files.items()
    return next((number for number, file in files if file.iso_id is not None and fits(file.iso_id)), None)


def _need_free(chip: Chip, *rights: int) -> None:
    if chip.session is not None or FREE not in rights:
        raise IsoRefused(iso7816.NOT_ALLOWED)


_COMMANDS: Final[dict[int, Callable[[Chip, bytes], bytes]]] = {
    iso7816.SELECT: _select,
    iso7816.READ_BINARY: _read,
    iso7816.UPDATE_BINARY: _update,
}
