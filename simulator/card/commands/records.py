"""Linear and cyclic record files. What one transaction writes goes into one record, which the commit adds."""

from copy import deepcopy
from typing import Final

from simulator.card import status
from simulator.card.chip import Answer, Chip
from simulator.card.commands.data import HEADER_BYTES, span
from simulator.card.files import RecordFile
from simulator.card.messaging import CommMode
from simulator.card.status import Refused

_WHOLE_FRAME: Final = 0xAB
UPDATE_HEADER_BYTES: Final = 10


def read_records(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File | first record 3 (0 is the newest) | count 3 (0: all older ones). The oldest is given first."""
    _, file = _record_file(chip, data)
    mode = chip.need_rights(file, file.rights.read, file.rights.read_write)
    header = chip.open_header(cmd, data, HEADER_BYTES, mode)
    first, count = span(header)
    wanted = read_span(file, first, count)
    chip.transaction.note(bytes([cmd]) + header, wanted)
    return chip.reply(wanted, mode, chain=cmd != _WHOLE_FRAME, open_ended=not count)


def read_span(file: RecordFile, first: int, count: int) -> bytes:
    """`count` records up to the one that is `first` from the newest, or (zero) all up to it."""
    end = len(file.records) - first
    if end <= 0 or count > end:
        raise Refused(status.BOUNDARY_ERROR)
    return b"".join(file.records[end - count if count else 0 : end])


def write_record(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File | offset in the record 3 | length 3 | data; what is not written stays zero."""
    file_no, file, mode = _writable(chip, data)
    offset, length = span(data)
    _check_span(file, offset, length)
    header, body = chip.open(cmd, data, HEADER_BYTES, mode, length)
    copy = _copy(chip, file_no, file)
    if file_no not in chip.transaction.open_records:
        copy.append_empty()
        chip.transaction.open_records.add(file_no)
    _write(copy, len(copy.records) - 1, offset, body)
    chip.transaction.changed[file_no] = copy
    chip.transaction.note(bytes([cmd]) + header, body)
    return chip.reply(b"", mode)


def update_record(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File | record 3 (0 is the newest) | offset 3 | length 3 | data. Counts from the commit."""
    file_no, file, mode = _writable(chip, data)
    if len(data) < UPDATE_HEADER_BYTES:
        raise Refused(status.LENGTH_ERROR)
    offset, length = span(data[3:])
    _check_span(file, offset, length)
    header, body = chip.open(cmd, data, UPDATE_HEADER_BYTES, mode, length)
    from_newest = int.from_bytes(header[1:4], "little")
    if file_no in chip.transaction.open_records or from_newest >= len(file.records):
        raise Refused(status.BOUNDARY_ERROR)
    copy = _copy(chip, file_no, file)
    _write(copy, len(copy.records) - 1 - from_newest, offset, body)
    chip.transaction.changed[file_no] = copy
    chip.transaction.note(bytes([cmd]) + header, body)
    return chip.reply(b"", mode)


def clear_record_file(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File. The records go at the next commit; until then nothing can be written."""
    file_no, file = _record_file(chip, data)
    chip.need_rights(file, file.rights.read_write)
    header = chip.open_header(cmd, data, 1)
    copy = _copy(chip, file_no, file)
    copy.records = []
    chip.transaction.cleared.add(file_no)
    chip.transaction.changed[file_no] = copy
    chip.transaction.note(bytes([cmd]) + header)
    return chip.reply()


def _record_file(chip: Chip, data: bytes) -> tuple[int, RecordFile]:
    file_no, file = chip.file(data)
    if not isinstance(file, RecordFile):
        raise Refused(status.PARAMETER_ERROR)
    return file_no, file


def _writable(chip: Chip, data: bytes) -> tuple[int, RecordFile, CommMode]:
    file_no, file = _record_file(chip, data)
    mode = chip.need_rights(file, file.rights.write, file.rights.read_write)
    if file_no in chip.transaction.cleared:
        raise Refused(status.PERMISSION_DENIED)
    return file_no, file, mode


def _check_span(file: RecordFile, offset: int, length: int) -> None:
    if not length:
        raise Refused(status.LENGTH_ERROR)
    if offset + length > file.record_size:
        raise Refused(status.BOUNDARY_ERROR)


def _write(file: RecordFile, at: int, offset: int, body: bytes) -> None:
    record = file.records[at]
    file.records[at] = record[:offset] + body + record[offset + len(body) :]


def _copy(chip: Chip, file_no: int, file: RecordFile) -> RecordFile:
    copy = chip.working_copy(file_no) or deepcopy(file)
    assert isinstance(copy, RecordFile)
    return copy
