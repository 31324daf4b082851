"""The files of our application as DESFire's Create commands and GetFileSettings spell them."""

import struct
from dataclasses import dataclass

from protocol.card import layout

CREATE_DATA, CREATE_VALUE, CREATE_CYCLIC, CREATE_TMAC = 0xCD, 0xCC, 0xC0, 0xCE
STANDARD_DATA, VALUE, CYCLIC_RECORD, TRANSACTION_MAC = 0x00, 0x02, 0x04, 0x05
KEY_VERSION_SET = 1  # DESFire's own version byte of a key, 0 on a factory key
TMAC_KEY_AES = 0x02  # key option of CreateTransactionMACFile


@dataclass(frozen=True)
class File:
    """One file: `create` is its command, `shape` what that adds to number, mode and rights, `shown` what
    GetFileSettings of a fresh one shows after the shape."""

    number: int
    create: int
    kind: int
    comm: int
    shape: bytes
    shown: bytes = b""

    @property
    def header(self) -> bytes:
        """Data of the Create command; the Transaction MAC file's key goes after it."""
        return bytes([self.number, self.comm]) + layout.RIGHTS[self.number] + self.shape

    @property
    def settings(self) -> bytes:
        """GetFileSettings of a fresh one."""
        return bytes([self.kind, self.comm]) + layout.RIGHTS[self.number] + self.shape + self.shown


def _u24(number: int) -> bytes:
    return number.to_bytes(3, "little")


FILES = (
    File(layout.FILE_DATA, CREATE_DATA, STANDARD_DATA, layout.COMM_MAC, _u24(layout.DATA_SIZE)),
    # lower limit, upper limit, first value (later: limited credit to give back), no limited credit enabled
    File(
        layout.FILE_VALUE,
        CREATE_VALUE,
        VALUE,
        layout.COMM_FULL,
        struct.pack("<iiiB", 0, layout.VALUE_FEN_MAX, 0, 0),
    ),
    # size of a record, records at most; no record yet
    File(
        layout.FILE_LOG,
        CREATE_CYCLIC,
        CYCLIC_RECORD,
        layout.COMM_MAC,
        _u24(layout.LOG_SIZE) + _u24(layout.LOG_RECORDS),
        _u24(0),
    ),
    File(
        layout.FILE_TMAC,
        CREATE_TMAC,
        TRANSACTION_MAC,
        layout.COMM_MAC,
        bytes([TMAC_KEY_AES]),
        bytes([KEY_VERSION_SET]),
    ),
)
