"""The account card, an NTAG 424 DNA: its layout, and what a host does with it, as procedures (see apdu.py).

    key  0 changes keys and settings      1 proves the card, opens nothing      4 not used, as key 0
         2 opens who a message says it is, the same on all cards               3 signs the messages
    file                size  comm   Read Write ReadWrite Change   Secure Dynamic Messaging
    1 capabilities      32    plain  E    0     0         0
    2 NDEF: our URL     256   plain  E    0     0         0        UID and counter, encrypted: 2; MAC: 3
    3 proprietary       128   full   0    0     0         0

E: anybody. Sources: NXP NT4H2421Gx 3.0, chapters 8.2, 9.3, 10; AN12196. Both public.
"""

from protocol.card import commands, ev2, sun
from protocol.card.apdu import CardError
from protocol.card.layout import COMM_FULL, COMM_MAC, COMM_PLAIN

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from collections.abc import Generator

    Bytes = Generator[bytes, bytes, bytes]
    Nothing = Generator[bytes, bytes, None]

APPLICATION = b"\xd2\x76\x00\x00\x85\x01\x01"
NDEF_ID = b"\xe1\x04"
KEY_MASTER, KEY_ACCOUNT, KEY_META, KEY_FILE, KEY_SPARE = 0, 1, 2, 3, 4
FILE_CC, FILE_NDEF, FILE_PROPRIETARY = 1, 2, 3
NDEF_SIZE = 256
CHANGE_FILE_SETTINGS, WRITE_DATA = 0x5F, 0x8D
SELECT, READ_BINARY = 0xA4, 0xB0
FULL = {FILE_CC: b"\x00\x00\xe0\x20\x00\x00", FILE_PROPRIETARY: b"\x03\x00\x00\x80\x00\x00"}


def ndef_settings(message: sun.Message) -> bytes:
    """What ChangeFileSettings makes of the NDEF file: option, rights, then Secure Dynamic Messaging.

    UID and counter are mirrored, as text (C1); the counter is told to nobody else (F).
    """
    at = b"".join([_u24(offset) for offset in (message.picc_at, message.mac_at, message.mac_at)])
    return b"\x40\x00\xe0" + b"\xc1\xff" + bytes([KEY_META << 4 | KEY_FILE]) + at


def shown_settings(file_no: int, message: sun.Message) -> bytes:
    """What GetFileSettings must answer of a finished card."""
    if file_no == FILE_NDEF:
        made = ndef_settings(message)
        return b"\x00" + made[:3] + _u24(NDEF_SIZE) + made[3:]
    return b"\x00" + FULL[file_no]


def iso(ins: int, p1: int, p2: int, data: bytes = b"", answer_size: "int | None" = None) -> "Bytes":
    """Procedure: one ISO 7816-4 command -> its data; CardError for any status word but 9000."""
    command = bytes([0x00, ins, p1, p2])
    if data:
        command += bytes([len(data)]) + data
    if answer_size is not None:
        command += bytes([answer_size & 0xFF])
    answer = yield command
    if len(answer) < 2 or answer[-2:] != b"\x90\x00":
        raise CardError("card refused command %02X with %s" % (ins, _sw(answer)))
    if answer_size is not None and len(answer) - 2 > answer_size:
        raise CardError("card answered more than it was asked")
    return bytes(answer[:-2])


def select() -> "Nothing":
    """Procedure: the card's NDEF application. CardError where there is none."""
    yield from iso(SELECT, 0x04, 0x00, APPLICATION, 256)


def read_message() -> "Bytes":
    """Procedure: the NDEF message as anybody reads it, up to 254 bytes. The card counts it."""
    yield from select()
    yield from iso(SELECT, 0x00, 0x0C, NDEF_ID)
    length = yield from iso(READ_BINARY, 0, 0, b"", 2)
    size = length[0] << 8 | length[1] if len(length) == 2 else 0
    if not 0 < size <= NDEF_SIZE - 2:
        raise CardError("card has no message")
    message = yield from iso(READ_BINARY, 0, 2, b"", size)
    if len(message) != size:
        raise CardError("message of %d bytes, expected %d" % (len(message), size))
    return message


def authenticate(key_no: int, key: bytes, rnd_a: bytes) -> "Generator[bytes, bytes, ev2.Session]":
    """Procedure: select and prove each other to hold this key. CardError with the card's status."""
    yield from select()
    return (yield from ev2.authenticate(key_no, key, rnd_a))


def prove(key: bytes, rnd_a: bytes) -> "Bytes":
    """Procedure: who this card is, said under its own key and our fresh challenge of 16 bytes -> UID of 7.

    CardError: it does not hold the key, or somebody between us changed an answer.
    """
    session = yield from authenticate(KEY_ACCOUNT, key, rnd_a)
    uid = yield from commands.get_card_uid(session)
    if len(uid) != 7:
        raise CardError("UID of %d bytes" % len(uid))
    return uid


def write_message(session: ev2.Session, message: sun.Message) -> "Nothing":
    """Procedure: the NDEF file as it stands on the card, before messages are mirrored into it."""
    header = bytes([FILE_NDEF]) + _u24(0) + _u24(len(message.file))
    yield from session.exchange(WRITE_DATA, header, message.file, COMM_PLAIN)


def change_settings(session: ev2.Session, file_no: int, settings: bytes) -> "Nothing":
    """Procedure: ChangeFileSettings."""
    yield from session.exchange(CHANGE_FILE_SETTINGS, bytes([file_no]), settings, COMM_FULL, COMM_MAC)


def _u24(number: int) -> bytes:
    return number.to_bytes(3, "little")


def _sw(answer: bytes) -> str:
    return "%02X%02X" % (answer[-2], answer[-1]) if len(answer) >= 2 else "nothing"
