"""The files of our application as DESFire's Create commands and GetFileSettings spell them."""

import struct
from dataclasses import dataclass

from protocol.card import layout

CREATE_DATA, CREATE_VALUE, CREATE_CYCLIC, CREATE_TMAC = 0xCD, 0xCC, 0xC0, 0xCE
STANDARD_DATA, VALUE, CYCLIC_RECORD, TRANSACTION_MAC = 0x00, 0x02, 0x04, 0x05
LIMITED_CREDIT = 0x01  # option of CreateValueFile; see docs/decisions/0011-limited-credit.md
TMAC_KEY_AES = 0x02  # key option of CreateTransactionMACFile


@dataclass(frozen=True)
class File:
    """One file: `create` is its command, `shape` what that adds to number, mode and rights, `shown` what
    GetFileSettings of a fresh one shows after the shape; of a Transaction MAC file that is its key's version.
    """

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

    def settings(self, tmac_version: int) -> bytes:
        """GetFileSettings of a fresh one."""
        shown = bytes([tmac_version]) if self.create == CREATE_TMAC else self.shown
        return bytes([self.kind, self.comm]) + layout.RIGHTS[self.number] + self.shape + shown


def _u24(number: int) -> bytes:
    return number.to_bytes(3, "little")


FILES = (
    File(layout.FILE_DATA, CREATE_DATA, STANDARD_DATA, layout.COMM_MAC, _u24(layout.DATA_SIZE)),
    # lower limit, upper limit, first value (later: what limited credit may give back), limited credit enabled
    File(
        layout.FILE_VALUE,
        CREATE_VALUE,
        VALUE,
        layout.COMM_FULL,
        struct.pack("<iiiB", 0, layout.VALUE_FEN_MAX, 0, LIMITED_CREDIT),
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
    ),
)
