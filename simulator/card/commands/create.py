"""Creating files of the six kinds. An ISO file identifier may stand behind the file number."""

from dataclasses import dataclass
from typing import Final

from simulator.card import status
from simulator.card.chip import Answer, Chip
from simulator.card.files import (
    FREE_GET_VALUE,
    LIMITED_CREDIT_ENABLED,
    BackupFile,
    CyclicFile,
    DataFile,
    File,
    LinearFile,
    TmacFile,
    ValueFile,
    check_comm_code,
)
from simulator.card.messaging import CommMode
from simulator.card.rights import NEVER, Rights
from simulator.card.state import FREE_CREATION, whole_pages
from simulator.card.status import Refused
from simulator.card.transaction import tmac_file

_MAX_FILE_NO: Final = 31
_TMAC_AES: Final = 0x02
_ISO_ID_BYTES: Final = 2
_SMALLEST_RECORDS: Final[dict[type[LinearFile] | type[CyclicFile], int]] = {LinearFile: 1, CyclicFile: 2}


@dataclass(frozen=True)
class _Request:
    """What every new file has; `rest` is what its kind adds."""

    file_no: int
    iso_id: int | None
    comm_code: int
    rights: Rights
    rest: bytes


def data_file(kind: type[DataFile] | type[BackupFile], chip: Chip, cmd: int, data: bytes) -> Answer:
    """File | [ISO identifier 2] | comm | rights 2 | size 3; of a standard or a backup file."""
    wanted = _request(chip, cmd, data, 3)
    size = _number(wanted.rest)
    if not size:
        raise Refused(status.PARAMETER_ERROR)
    _need_memory(chip, size)
    return _add(
        chip, wanted.file_no, kind(wanted.comm_code, wanted.rights, bytes(size), iso_id=wanted.iso_id)
    )


def value_file(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File | comm | rights 2 | lower 4 | upper 4 | value 4 | options (1 limited credit, 2 free GetValue)."""
    wanted = _request(chip, cmd, data, 13, iso=False)
    lower, upper, value = (int.from_bytes(wanted.rest[i : i + 4], "little", signed=True) for i in (0, 4, 8))
    options = wanted.rest[12]
    if not lower <= value <= upper or options & ~(LIMITED_CREDIT_ENABLED | FREE_GET_VALUE):
        raise Refused(status.PARAMETER_ERROR)
    file = ValueFile(wanted.comm_code, wanted.rights, lower, upper, value, options=options)
    return _add(chip, wanted.file_no, file)


def record_file(kind: type[LinearFile] | type[CyclicFile], chip: Chip, cmd: int, data: bytes) -> Answer:
    """File | [ISO identifier 2] | comm | rights 2 | record size 3 | records 3.

    Of a cyclic file at least two, as one is the card's own.
    """
    wanted = _request(chip, cmd, data, 6)
    record_size, records = _number(wanted.rest[:3]), _number(wanted.rest[3:])
    if not record_size or records < _SMALLEST_RECORDS[kind]:
        raise Refused(status.PARAMETER_ERROR)
    _need_memory(chip, record_size * records)
    file = kind(wanted.comm_code, wanted.rights, record_size, records, iso_id=wanted.iso_id)
    return _add(chip, wanted.file_no, file)


def transaction_mac_file(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File | comm | rights 2 | key option 02 | encrypted: key 16, version. One an application.

    The ReadWrite right would name the key of CommitReaderID, which is not modelled: it must be NEVER.
    """
    app = chip.need_application()
    if chip.session is None:
        raise Refused(status.AUTHENTICATION_ERROR)
    chip.need_master(FREE_CREATION)
    header, body = chip.open(cmd, data, 5, CommMode.FULL, 17)
    wanted = _Request(header[0], None, header[1], Rights.decode(header[2:4]), header[4:])
    if header[4] != _TMAC_AES or wanted.rights.write != NEVER or wanted.rights.read_write != NEVER:
        raise Refused(status.PARAMETER_ERROR)
    _check(chip, wanted)
    if tmac_file(app) is not None:
        raise Refused(status.DUPLICATE)
    return _add(chip, wanted.file_no, TmacFile(wanted.comm_code, wanted.rights, body[:16], body[16]))


def check_rights(chip: Chip, comm_code: int, rights: Rights) -> None:
    """Refuses a communication byte that is not modelled, and rights of keys that are not there."""
    named = (rights.read, rights.write, rights.read_write, rights.change)
    if any(len(chip.app.keys) <= key_no < 0xE for key_no in named):
        raise Refused(status.PARAMETER_ERROR)
    check_comm_code(comm_code)


def _request(chip: Chip, cmd: int, data: bytes, rest_bytes: int, iso: bool = True) -> _Request:
    chip.need_application()
    chip.need_master(FREE_CREATION)
    short = 4 + rest_bytes
    iso_bytes = _ISO_ID_BYTES if iso and len(data) - chip.security_bytes() == short + _ISO_ID_BYTES else 0
    header = chip.open_header(cmd, data, short + iso_bytes)
    iso_id = int.from_bytes(header[1:3], "little") if iso_bytes else None
    comm, rights = header[1 + iso_bytes], Rights.decode(header[2 + iso_bytes : 4 + iso_bytes])
    wanted = _Request(header[0], iso_id, comm, rights, header[4 + iso_bytes :])
    _check(chip, wanted)
    return wanted


def _check(chip: Chip, wanted: _Request) -> None:
    app = chip.app
    if wanted.file_no > _MAX_FILE_NO or (wanted.iso_id is not None and not app.iso_files):
        raise Refused(status.PARAMETER_ERROR)
    check_rights(chip, wanted.comm_code, wanted.rights)
    taken = {file.iso_id for file in app.files.values()} - {None}
    if wanted.file_no in app.files or wanted.iso_id in taken:
        raise Refused(status.DUPLICATE)


def _need_memory(chip: Chip, size_bytes: int) -> None:
    """Asked before the file is made, so that a size of 16 MB costs nothing."""
    if size_bytes > chip.state.free_bytes():
        raise Refused(status.OUT_OF_MEMORY)


def _add(chip: Chip, file_no: int, file: File) -> Answer:
    _need_memory(chip, whole_pages(file.size_bytes()))
    with chip.step("create file"):
        chip.app.files[file_no] = file
    return chip.reply()


def _number(three_bytes: bytes) -> int:
    return int.from_bytes(three_bytes, "little")
