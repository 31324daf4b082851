"""GetValue, Credit, Debit and LimitedCredit.

A change counts from the next commit; GetValue gives the committed value.
Rights as on the real card: Read allows GetValue and Debit, Write adds LimitedCredit, ReadWrite adds Credit.
"""

from copy import deepcopy

from simulator.card import status
from simulator.card.chip import Answer, Chip
from simulator.card.files import FREE_GET_VALUE, LIMITED_CREDIT_ENABLED, ValueFile, signed
from simulator.card.messaging import CommMode
from simulator.card.rights import FREE
from simulator.card.status import Refused


def get_value(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File; answers the value, 4 bytes."""
    file_no, file = _value_file(chip, data)
    rights = file.rights
    holders = [rights.read, rights.write, rights.read_write]
    if file.options & FREE_GET_VALUE:
        holders.append(FREE)
    mode = chip.need_rights(file, *holders)
    chip.open_header(cmd, data, 1, mode)
    chip.transaction.note(bytes([cmd, file_no]) + signed(file.value))
    return chip.reply(signed(file.value), mode)


def credit(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File | amount 4."""
    file_no, file = _value_file(chip, data)
    mode = chip.need_rights(file, file.rights.read_write)
    amount = _amount(chip, cmd, data, mode)
    return _change(chip, cmd, file_no, amount, amount, mode)


def debit(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File | amount 4."""
    file_no, file = _value_file(chip, data)
    mode = chip.need_rights(file, file.rights.read, file.rights.write, file.rights.read_write)
    amount = _amount(chip, cmd, data, mode)
    answer = _change(chip, cmd, file_no, -amount, amount, mode)
    chip.transaction.debited[file_no] = chip.transaction.debited.get(file_no, 0) + amount
    answer.event = "debit"
    return answer


def limited_credit(chip: Chip, cmd: int, data: bytes) -> Answer:
    """File | amount 4: gives back at most what the last transaction with a debit took."""
    file_no, file = _value_file(chip, data)
    if not file.options & LIMITED_CREDIT_ENABLED:
        raise Refused(status.PERMISSION_DENIED)
    mode = chip.need_rights(file, file.rights.write, file.rights.read_write)
    amount = _amount(chip, cmd, data, mode)
    given_back = chip.transaction.refunded.get(file_no, 0) + amount
    if given_back > file.limited_credit:
        raise Refused(status.BOUNDARY_ERROR)
    answer = _change(chip, cmd, file_no, amount, amount, mode)
    chip.transaction.refunded[file_no] = given_back
    return answer


def _value_file(chip: Chip, data: bytes) -> tuple[int, ValueFile]:
    file_no, file = chip.file(data)
    if not isinstance(file, ValueFile):
        raise Refused(status.PARAMETER_ERROR)
    return file_no, file


def _amount(chip: Chip, cmd: int, data: bytes, mode: CommMode) -> int:
    _, body = chip.open(cmd, data, 1, mode, 4)
    amount = int.from_bytes(body, "little", signed=True)
    if amount < 0:
        raise Refused(status.PARAMETER_ERROR)
    return amount


def _change(chip: Chip, cmd: int, file_no: int, delta: int, amount: int, mode: CommMode) -> Answer:
    copy = chip.working_copy(file_no) or deepcopy(chip.app.files[file_no])
    assert isinstance(copy, ValueFile)
    if not copy.lower <= copy.value + delta <= copy.upper:
        raise Refused(status.BOUNDARY_ERROR)
    copy.value += delta
    chip.transaction.changed[file_no] = copy
    chip.transaction.note(bytes([cmd, file_no]) + signed(amount))
    return chip.reply(b"", mode)
