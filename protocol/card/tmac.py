"""Transaction MAC: what only the card and the host can compute over a committed transaction.

Rule of the input (TMI), kept in this one place: from the public MIFARE DESFire Light data sheet; the
wording for EV2/EV3 is not public. Each transactional command since authentication adds
    value commands  cmd | file | value 4 LE | zeros to 16       (GetValue: the value returned)
    WriteRecord     cmd | file | offset 3 | length 3 | zeros to 16 | data | zeros to a multiple of 16
Reads of standard data files and of the Transaction MAC file add nothing.
    session key  CMAC(K, 5A 00 01 00 80 | TMC after 4 LE | UID 7)    TMV = odd bytes of CMAC(key, TMI)
"""

import struct

from protocol import aes

GET_VALUE, CREDIT, LIMITED_CREDIT, DEBIT, WRITE_RECORD = 0x6C, 0x0C, 0x1C, 0xDC, 0x8B


def session_keys(key: bytes, uid: bytes, tmc_before: int) -> tuple[bytes, bytes]:
    """(MAC key, encryption key) of the transaction that makes the counter tmc_before + 1."""
    mac_input = session_input(uid, tmc_before + 1)
    return aes.cmac(key, mac_input), aes.cmac(key, b"\xa5" + mac_input[1:])


def session_input(uid: bytes, tmc_after: int) -> bytes:
    """What the card's key is applied to for the MAC key of the transaction with counter tmc_after."""
    return b"\x5a\x00\x01\x00\x80" + tmc_after.to_bytes(4, "little") + uid


def value_input(command: int, file_no: int, value_fen: int) -> bytes:
    """TMI part of GetValue, Credit, LimitedCredit or Debit: 16 bytes. Values on the card may be negative."""
    return struct.pack("<BBI10x", command, file_no, value_fen & 0xFFFF_FFFF)


def record_input(file_no: int, data: bytes) -> bytes:
    """TMI part of WriteRecord of a whole record at offset 0."""
    head = struct.pack("<BB3xHB8x", WRITE_RECORD, file_no, len(data) & 0xFFFF, len(data) >> 16)
    return head + data + bytes(-len(data) % 16)


def tmv(key: bytes, uid: bytes, tmc_after: int, tmi: bytes) -> bytes:
    """The value the card must have returned with counter tmc_after -> 8 bytes."""
    return aes.cmac8(aes.cmac(key, session_input(uid, tmc_after)), tmi)


def debit_input(value_file: int, log_file: int, before_fen: int, amount_fen: int, record: bytes) -> bytes:
    """TMI of a kiosk's sale: GetValue, Debit, WriteRecord, in the order the kiosk sends them."""
    return (
        value_input(GET_VALUE, value_file, before_fen)
        + value_input(DEBIT, value_file, amount_fen)
        + record_input(log_file, record)
    )
