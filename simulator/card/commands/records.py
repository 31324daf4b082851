"""Cyclic record files. All writes of one transaction go into one new record, which counts from the commit."""

from copy import deepcopy
from typing import Final

from simulator.card import status
from simulator.card.chip import Answer, Chip
from simulator.card.files import CyclicFile
from simulator.card.messaging import CommMode
from simulator.card.status import Refused

_WHOLE_FRAME: Final = 0xAB


def read_records(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File | first record 3 (0 is the newest) | count 3 (0: all older ones). The oldest is given first."""
    _, file = _record_file(chip, data)
    mode = chip.need_rights(file, file.rights.read, file.rights.read_write)
    header = chip.open_header(cmd, data, 7, mode)
    first, count = int.from_bytes(header[1:4], "little"), int.from_bytes(header[4:7], "little")
    end = len(file.records) - first
    if end <= 0 or count > end:
        raise Refused(status.BOUNDARY_ERROR)
    wanted = b"".join(file.records[end - count if count else 0 : end])
    chip.transaction.note(bytes([cmd]) + header, wanted)
    return chip.reply(wanted, mode, chain=cmd != _WHOLE_FRAME)


def write_record(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File | offset in the record 3 | length 3 | data; what is not written stays zero."""
    file_no, file = _record_file(chip, data)
    mode = chip.need_rights(file, file.rights.write, file.rights.read_write)
    header, body = chip.open(cmd, data, 7, mode)
    offset, length = int.from_bytes(header[1:4], "little"), int.from_bytes(header[4:7], "little")
    if not length or len(body) != length:
        raise Refused(status.LENGTH_ERROR)
    if offset + length > file.record_size:
        raise Refused(status.BOUNDARY_ERROR)
    transaction = chip.transaction
    if file_no in transaction.cleared:
        raise Refused(status.PERMISSION_DENIED)
    copy = _copy(chip, file_no, file)
    if file_no not in transaction.open_records:
        copy.append_empty()
        transaction.open_records.add(file_no)
    record = copy.records[-1]
    copy.records[-1] = record[:offset] + body + record[offset + length :]
    transaction.changed[file_no] = copy
    transaction.note(bytes([cmd]) + header, body)
    return chip.reply(b"", mode)


def clear_record_file(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File. The records go at the next commit; until then nothing can be written."""
    file_no, file = _record_file(chip, data)
    chip.need_rights(file, file.rights.read_write)
    header = chip.open_header(cmd, data, 1, CommMode.MAC)
    copy = _copy(chip, file_no, file)
    copy.records = []
    chip.transaction.cleared.add(file_no)
    chip.transaction.changed[file_no] = copy
    chip.transaction.note(bytes([cmd]) + header)
    return chip.reply(b"", CommMode.MAC)


def _record_file(chip: Chip, data: bytes) -> tuple[int, CyclicFile]:
    file_no, file = chip.file(data)
    if not isinstance(file, CyclicFile):
        raise Refused(status.PARAMETER_ERROR)
    return file_no, file


def _copy(chip: Chip, file_no: int, file: CyclicFile) -> CyclicFile:
    copy = chip.working_copy(file_no) or deepcopy(file)
    assert isinstance(copy, CyclicFile)
    return copy
