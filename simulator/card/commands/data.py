"""ReadData and WriteData on standard, backup and Transaction MAC files."""

from copy import deepcopy
from typing import Final

from simulator.card import status
from simulator.card.chip import Answer, Chip
from simulator.card.files import BackupFile, DataFile, TmacFile
from simulator.card.status import Refused

_WHOLE_FRAME: Final = 0xAD
_PAGE_BYTES: Final = 32
HEADER_BYTES: Final = 7


def read_data(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File | offset 3 | length 3 (zero: to the end). BD answers in AF frames, AD in one piece."""
    _, file = chip.file(data)
    if not isinstance(file, DataFile | TmacFile):
        raise Refused(status.PARAMETER_ERROR)
    mode = chip.need_rights(file, file.rights.read, file.rights.read_write)
    header = chip.open_header(cmd, data, HEADER_BYTES, mode)
    offset, length = span(header)
    wanted = read_span(file, offset, length)
    return chip.reply(wanted, mode, chain=cmd != _WHOLE_FRAME, open_ended=not length)


def write_data(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File | offset 3 | length 3 | data."""
    file_no, file = chip.file(data)
    if not isinstance(file, DataFile):
        raise Refused(status.PARAMETER_ERROR)
    mode = chip.need_rights(file, file.rights.write, file.rights.read_write)
    offset, length = span(data)
    if not length:
        raise Refused(status.LENGTH_ERROR)
    header, body = chip.open(cmd, data, HEADER_BYTES, mode, length)
    if write_span(chip, file_no, file, offset, body):
        chip.transaction.note(bytes([cmd]) + header, body)
    return chip.reply(b"", mode)


def read_span(file: DataFile | TmacFile, offset: int, length: int) -> bytes:
    """The bytes from offset on, `length` of them or (zero) all there are."""
    content = file.content
    if offset >= len(content) or offset + length > len(content):
        raise Refused(status.BOUNDARY_ERROR)
    return content[offset : offset + length] if length else content[offset:]


def write_span(chip: Chip, file_no: int, file: DataFile, offset: int, body: bytes) -> bool:
    """Whether the change waits for a commit."""
    if offset + len(body) > len(file.content):
        raise Refused(status.BOUNDARY_ERROR)
    if not isinstance(file, BackupFile):
        _write_pages(chip, file, offset, body)
        return False
    copy = chip.working_copy(file_no) or deepcopy(file)
    assert isinstance(copy, BackupFile)
    copy.content = copy.content[:offset] + body + copy.content[offset + len(body) :]
    chip.transaction.changed[file_no] = copy
    return True


def _write_pages(chip: Chip, file: DataFile, offset: int, body: bytes) -> None:
    """A standard file has no copy: power lost between two pages leaves the new beside the old."""
    for at in range(0, len(body), _PAGE_BYTES):
        page = body[at : at + _PAGE_BYTES]
        with chip.step("write page"):
            start = offset + at
            file.content = file.content[:start] + page + file.content[start + len(page) :]


def span(header: bytes) -> tuple[int, int]:
    """Offset and length of a header; refused where it is cut short."""
    if len(header) < HEADER_BYTES:
        raise Refused(status.LENGTH_ERROR)
    return int.from_bytes(header[1:4], "little"), int.from_bytes(header[4:7], "little")
