"""How long a card takes to answer a command, beside the time its frames spend in the air.

NXP publishes no table for DESFire. What is known of a frame, of AES and of the memory:

| parameter | source |
|---|---|
| FRAME_MS | NXP on higher bit rates, table 12: 1 KiB, 18 frames, in 43 ms at 848 kbit/s, half in the air |
| BLOCK_MS | the same table: enciphering that 1 KiB, 64 blocks of AES, takes 33 to 41 ms more |
| PROGRAM_MS | DESFire EV2 product page: fast programming cycles (erase and write) 1 ms |

Assumed, as nobody has published it: how many blocks and programs a command needs (COSTS), counted from what
it must encipher, sign and store. Newer cards are faster; the model errs on the slow side.
"""

from typing import Final

FRAME_MS: Final = 1.3
BLOCK_MS: Final = 0.5
PROGRAM_MS: Final = 1.0

# command -> AES blocks, EEPROM programs. One not named costs its frame alone.
COSTS: Final[dict[int, tuple[int, int]]] = {
    0x71: (2, 0),  # AuthenticateEV2First: RndB
    0x77: (2, 0),  # AuthenticateEV2NonFirst
    0x0A: (2, 0),  # Authenticate
    0x1A: (2, 0),  # AuthenticateISO
    0xAA: (2, 0),  # AuthenticateAES
    0xAF: (14, 0),  # second half of an authentication: decipher, encipher, derive two session keys
    0x51: (4, 0),  # GetCardUID
    0x6C: (5, 0),  # GetValue: both MACs, IV and one block of data
    0xAD: (5, 0),  # ReadData of a few bytes under MAC
    0xBD: (5, 0),
    0xAB: (19, 0),  # ReadRecords: ten of 24 bytes
    0xBB: (19, 0),
    0x0C: (5, 1),  # Credit
    0xDC: (5, 1),  # Debit
    0x1C: (5, 1),  # LimitedCredit
    0x3D: (5, 1),  # WriteData
    0x8D: (5, 1),
    0x3B: (5, 1),  # WriteRecord
    0x8B: (5, 1),
    0xC7: (10, 5),  # CommitTransaction: Transaction MAC; value, record, TMAC file, seal, clear
    0xA7: (3, 1),  # AbortTransaction
    0xC4: (6, 2),  # ChangeKey
    0xC6: (6, 2),  # ChangeKeyEV2
    0x54: (3, 2),  # ChangeKeySettings
    0x5C: (5, 2),  # SetConfiguration
    0x5F: (5, 2),  # ChangeFileSettings
    0xCA: (3, 10),  # CreateApplication
    0xDA: (3, 4),  # DeleteApplication
    0xCD: (3, 6),  # CreateStdDataFile
    0xCB: (3, 6),  # CreateBackupDataFile
    0xCC: (3, 4),  # CreateValueFile
    0xC0: (3, 10),  # CreateLinearRecordFile
    0xC1: (3, 10),  # CreateCyclicRecordFile
    0xCE: (5, 4),  # CreateTransactionMACFile
    0xDF: (3, 2),  # DeleteFile
    0xEB: (3, 2),  # ClearRecordFile
    0xFC: (3, 200),  # FormatPICC
}
_ISO_CLASS: Final = 0x90


def command_ms(apdu: bytes) -> float:
    """Of a native command, or one in ISO 7816-4 clothes (90 INS 00 00 ...)."""
    wrapped = len(apdu) > 1 and apdu[0] == _ISO_CLASS
    blocks, programs = COSTS.get(apdu[1] if wrapped else apdu[0] if apdu else 0, (0, 0))
    return FRAME_MS + blocks * BLOCK_MS + programs * PROGRAM_MS
