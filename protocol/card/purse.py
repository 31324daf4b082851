"""What a terminal does with a purse card, as procedures (see apdu.py): open, debit, commit, read the log.

A sale is select, 71, AF, card data, Transaction MAC file, GetValue | Debit, WriteRecord | Commit. The kiosk
writes its intent to flash between the last two parts: before Commit nothing has happened.
"""

import struct

from protocol.card import apdu, ev2, layout, tmac
from protocol.card.apdu import CardError

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from collections.abc import Generator

READ_DATA, READ_RECORDS, COMMIT = 0xAD, 0xAB, 0xC7


class NotOurs(Exception):
    """The card has no application of ours, or one whose keys are not ours."""


class Purse:
    """A card opened for a sale: session, card data file, issue number, last TMC and TMV, value in fen."""

    def __init__(
        self, session: ev2.Session, uid: bytes, data: bytes, issue: int, tmc: int, tmv: bytes, value_fen: int
    ) -> None:
        self.session = session
        self.uid = uid
        self.data = data
        self.issue = issue
        self.tmc = tmc
        self.tmv = tmv
        self.value_fen = value_fen


def _span(offset: int, length: int) -> bytes:
    return offset.to_bytes(3, "little") + length.to_bytes(3, "little")


def read_file(session: ev2.Session, file_no: int, size: int) -> "Generator[bytes, bytes, bytes]":
    """Procedure: ReadData of a whole file under MAC."""
    header = bytes([file_no]) + _span(0, size)
    data = yield from session.exchange(READ_DATA, header)
    if len(data) != size:
        raise CardError("file %d has %d bytes, expected %d" % (file_no, len(data), size))
    return data


def authenticate(key_no: int, key: bytes, rnd_a: bytes) -> "Generator[bytes, bytes, ev2.Session]":
    """Procedure: select our application and authenticate -> Session; NotOurs when it can't be ours."""
    try:
        yield from apdu.select(layout.AID)
        return (yield from ev2.authenticate(key_no, key, rnd_a))
    except CardError as error:
        raise NotOurs(str(error))


def get_value(session: ev2.Session) -> "Generator[bytes, bytes, int]":
    """Procedure: GetValue of the purse -> fen; CardError for an answer that is no value."""
    value = yield from session.exchange(tmac.GET_VALUE, bytes([layout.FILE_VALUE]), comm=layout.COMM_FULL)
    if len(value) != 4:
        raise CardError("value of %d bytes" % len(value))
    value_fen: int = struct.unpack("<i", value)[0]
    return value_fen


def change_value(session: ev2.Session, command: int, amount_fen: int) -> "Generator[bytes, bytes, None]":
    """Procedure: tmac.DEBIT, CREDIT or LIMITED_CREDIT of the purse. Nothing is final before commit()."""
    value = struct.pack("<i", amount_fen)
    yield from session.exchange(command, bytes([layout.FILE_VALUE]), value, layout.COMM_FULL, layout.COMM_MAC)


def open_purse(uid: bytes, key: bytes, rnd_a: bytes) -> "Generator[bytes, bytes, Purse]":
    """Procedure: up to GetValue with this card's debit key -> Purse."""
    session = yield from authenticate(layout.KEY_DEBIT, key, rnd_a)
    data = yield from read_file(session, layout.FILE_DATA, layout.DATA_SIZE)
    issue = layout.card_issue(data)
    if issue is None:
        raise CardError("card data file is not of a format this program knows")
    tmc_file = yield from read_file(session, layout.FILE_TMAC, layout.TMAC_SIZE)
    value_fen = yield from get_value(session)
    if not 0 <= value_fen <= layout.VALUE_FEN_MAX:
        raise CardError("card claims a value of %d fen" % value_fen)
    return Purse(session, uid, data, issue, int.from_bytes(tmc_file[:4], "little"), tmc_file[4:], value_fen)


def debit(purse: Purse, amount_fen: int, record: bytes) -> "Generator[bytes, bytes, None]":
    """Procedure: Debit and the log record. Nothing is final before commit()."""
    yield from change_value(purse.session, tmac.DEBIT, amount_fen)
    header = bytes([layout.FILE_LOG]) + _span(0, len(record))
    yield from purse.session.exchange(tmac.WRITE_RECORD, header, record)


def commit(session: ev2.Session) -> "Generator[bytes, bytes, tuple[int, bytes]]":
    """Procedure: CommitTransaction -> (TMC, TMV).

    After any fault the outcome is unknown, even with an error status: status words carry no MAC.
    """
    answer = yield from session.exchange(COMMIT, b"\x01")
    if len(answer) != 12:
        raise CardError("commit returned %d bytes, expected 12" % len(answer))
    return int.from_bytes(answer[:4], "little"), answer[4:]


def read_log(key: bytes, rnd_a: bytes) -> "Generator[bytes, bytes, list[bytes]]":
    """Procedure: authenticate with the read key -> log records, oldest first, each 24 bytes."""
    session = yield from authenticate(layout.KEY_READ, key, rnd_a)
    return (yield from read_records(session))


def read_records(session: ev2.Session) -> "Generator[bytes, bytes, list[bytes]]":
    """Procedure: the log's records, oldest first, in a session of a key that may read them."""
    header = bytes([layout.FILE_LOG]) + bytes(6)  # from the newest, all there are
    try:
        data = yield from session.exchange(READ_RECORDS, header)
    except CardError as error:
        if error.status == apdu.BOUNDARY_ERROR:  # DESFire's answer for an empty record file
            return []
        raise
    if len(data) % layout.LOG_SIZE:
        raise CardError("log of %d bytes is no multiple of %d" % (len(data), layout.LOG_SIZE))
    return [data[at : at + layout.LOG_SIZE] for at in range(0, len(data), layout.LOG_SIZE)]
