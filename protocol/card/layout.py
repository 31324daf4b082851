"""Our application on a DESFire EV2/EV3 card (purse profile 1): identifiers, files, rights, record formats.

Key numbers are the roles. A kiosk authenticates with DEBIT: it may read the value, debit, append to the
log and commit, and nothing else. READ opens the log (last ten movements), for balance stations and for
settling a sale whose answer was lost. Credit needs CREDIT, which never leaves the host.

    file  what             size            comm  Read Write ReadWrite Change
    1     card data        32              MAC   2    0     0         0
    2     value (fen)      0..500000       full  2    3     3         0
    3     log, cyclic      24 x 11 (10)    MAC   1    2     0         0
    15    Transaction MAC  TMC 4 | TMV 8   MAC   2    F     F         0
"""

import struct

from protocol import aes

AID = b"\x01\x50\x54"
KEY_MASTER, KEY_READ, KEY_DEBIT, KEY_CREDIT = 0, 1, 2, 3
KEYS = {"master": KEY_MASTER, "read": KEY_READ, "debit": KEY_DEBIT, "credit": KEY_CREDIT}
KEY_SETTINGS = 0x09  # the master key changes keys and settings; without it nothing is listed
KEY_COUNT = 4

FILE_DATA, FILE_VALUE, FILE_LOG, FILE_TMAC = 1, 2, 3, 15
DATA_SIZE = 32
NUMBER_SIZE = 19  # of the card data
VALUE_FEN_MAX = 500_000
LOG_SIZE, LOG_RECORDS = 24, 11
TMAC_SIZE = 12

COMM_PLAIN, COMM_MAC, COMM_FULL = 0, 1, 3


def rights(read: int, write: int, read_write: int, change: int) -> bytes:
    """Access rights as DESFire wants them: two bytes, least significant first."""
    return bytes([read_write << 4 | change, read << 4 | write])


RIGHTS = {
    FILE_DATA: rights(KEY_DEBIT, 0, 0, 0),
    FILE_VALUE: rights(KEY_DEBIT, KEY_CREDIT, KEY_CREDIT, 0),
    FILE_LOG: rights(KEY_READ, KEY_DEBIT, 0, 0),
    FILE_TMAC: rights(KEY_DEBIT, 0xF, 0xF, 0),
}

FORMAT = 1
LOG_DEBIT = 1


def card_data(key: bytes, uid: bytes, issue: int, number: str) -> bytes:
    """Content of the card data file, 32 bytes: format, issue u16, "CN", number in ASCII filled with 0, MAC 8.

    key: the host's 16-byte key for card data; a kiosk can't check or make the MAC.
    ValueError for a number that is not 1 to NUMBER_SIZE printable ASCII characters.
    """
    text = number.encode()
    if not 0 < len(text) <= NUMBER_SIZE or min(text) < 0x20 or max(text) > 0x7E:
        raise ValueError("card number must be 1 to %d printable ASCII characters" % NUMBER_SIZE)
    body = bytes([FORMAT]) + struct.pack("<H", issue) + b"CN" + text + bytes(NUMBER_SIZE - len(text))
    return body + aes.cmac8(key, uid + body)


def card_issue(data: bytes) -> int | None:
    """Issue number in a card data file, None when it is not a file of this format."""
    if len(data) != DATA_SIZE or data[0] != FORMAT or data[3:5] != b"CN":
        return None
    return data[1] | data[2] << 8


def log_record(
    kiosk_no: int, epoch: int, counter: int, amount_fen: int, value_fen: int, happened_s: int
) -> bytes:
    """One movement, 24 bytes: kind, kiosk u32, epoch u16, counter, amount, value after, time u32, spare."""
    return struct.pack("<BIHIIIIB", LOG_DEBIT, kiosk_no, epoch, counter, amount_fen, value_fen, happened_s, 0)


def read_log_record(record: bytes) -> tuple[int, int, int, int, int, int, int]:
    """24 bytes -> (kind, kiosk_no, epoch, counter, amount_fen, value_fen, happened_s)."""
    kind, kiosk_no, epoch, counter, amount_fen, value_fen, happened_s, _ = struct.unpack("<BIHIIIIB", record)
    return kind, kiosk_no, epoch, counter, amount_fen, value_fen, happened_s
