"""Creating files and listing them."""

from typing import Final

from simulator.card import status
from simulator.card.chip import Answer, Chip
from simulator.card.files import (
    FREE_GET_VALUE,
    LIMITED_CREDIT_ENABLED,
    NEVER,
    AnyFile,
    CyclicFile,
    DataFile,
    Rights,
    TmacFile,
    ValueFile,
    check_comm_code,
)
from simulator.card.messaging import CommMode
from simulator.card.state import FREE_CREATION
from simulator.card.status import Refused
from simulator.card.transaction import tmac_file

_MAX_FILE_NO: Final = 31
_TMAC_AES: Final = 0x02


def get_file_ids(chip: Chip, cmd: int, data: bytes) -> Answer:
    """The numbers of all files, one byte each."""
    app = chip.need_application()
    chip.need_listing()
    chip.open_header(cmd, data, 0, CommMode.MAC)
    return chip.reply(bytes(sorted(app.files)), CommMode.MAC)


def get_file_settings(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File number; answers type, communication, rights and what the type adds."""
    _, file = chip.file(data)
    chip.need_listing()
    chip.open_header(cmd, data, 1, CommMode.MAC)
    return chip.reply(file.settings(), CommMode.MAC)


def data_file(kind: type[DataFile], chip: Chip, cmd: int, data: bytes) -> Answer:
    """File | comm | rights 2 | size 3; of a standard or a backup file."""
    header = _header(chip, cmd, data, 7)
    size = _number(header[4:7])
    if not size:
        raise Refused(status.PARAMETER_ERROR)
    _need_memory(chip, size)
    return _add(chip, header[0], kind(header[1], Rights.decode(header[2:4]), bytes(size)))


def value_file(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File | comm | rights 2 | lower 4 | upper 4 | value 4 | options (1 limited credit, 2 free GetValue)."""
    header = _header(chip, cmd, data, 17)
    lower, upper, value = (int.from_bytes(header[i : i + 4], "little", signed=True) for i in (4, 8, 12))
    options = header[16]
    if not lower <= value <= upper or options & ~(LIMITED_CREDIT_ENABLED | FREE_GET_VALUE):
        raise Refused(status.PARAMETER_ERROR)
    file = ValueFile(header[1], Rights.decode(header[2:4]), lower, upper, value, options=options)
    return _add(chip, header[0], file)


def cyclic_record_file(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File | comm | rights 2 | record size 3 | allocated records 3, at least two as one is the card's own."""
    header = _header(chip, cmd, data, 10)
    record_size, records = _number(header[4:7]), _number(header[7:10])
    if not record_size or records < 2:
        raise Refused(status.PARAMETER_ERROR)
    _need_memory(chip, record_size * records)
    return _add(chip, header[0], CyclicFile(header[1], Rights.decode(header[2:4]), record_size, records))


def transaction_mac_file(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File | comm | rights 2 | key option 02 | encrypted: key 16, version. One an application.

    The ReadWrite right would name the key of CommitReaderID, which is not modelled: it must be NEVER.
    """
    if chip.session is None:
        raise Refused(status.AUTHENTICATION_ERROR)
    app = chip.need_application()
    chip.need_master(FREE_CREATION)
    header, body = chip.open(cmd, data, 5, CommMode.FULL)
    if len(body) != 17:
        raise Refused(status.LENGTH_ERROR)
    rights = Rights.decode(header[2:4])
    if header[4] != _TMAC_AES or rights.write != NEVER or rights.read_write != NEVER:
        raise Refused(status.PARAMETER_ERROR)
    _check_new_file(chip, header)
    if tmac_file(app) is not None:
        raise Refused(status.DUPLICATE)
    return _add(chip, header[0], TmacFile(header[1], rights, body[:16], body[16]))


def _header(chip: Chip, cmd: int, data: bytes, header_bytes: int) -> bytes:
    chip.need_application()
    chip.need_master(FREE_CREATION)
    header = chip.open_header(cmd, data, header_bytes, CommMode.MAC)
    _check_new_file(chip, header)
    return header


def _check_new_file(chip: Chip, header: bytes) -> None:
    app = chip.app
    rights = Rights.decode(header[2:4])
    named = (rights.read, rights.write, rights.read_write, rights.change)
    if header[0] > _MAX_FILE_NO or any(len(app.keys) <= key_no < 0xE for key_no in named):
        raise Refused(status.PARAMETER_ERROR)
    check_comm_code(header[1])
    if header[0] in app.files:
        raise Refused(status.DUPLICATE)


def _need_memory(chip: Chip, size_bytes: int) -> None:
    """Asked before the file is made, so that a size of 16 MB costs nothing."""
    if size_bytes > chip.state.free_bytes():
        raise Refused(status.OUT_OF_MEMORY)


def _add(chip: Chip, file_no: int, file: AnyFile) -> Answer:
    _need_memory(chip, -(-file.size_bytes() // 32) * 32)
    with chip.step("create file"):
        chip.app.files[file_no] = file
    return chip.reply(b"", CommMode.MAC)


def _number(three_bytes: bytes) -> int:
    return int.from_bytes(three_bytes, "little")
