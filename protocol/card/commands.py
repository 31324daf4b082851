"""DESFire's commands under EV2 messaging that a host sends and a kiosk never does, as procedures.

What both send (open, debit, commit, read the log) is in purse.py. Modes as in NXP's tables: commands that
only create or ask travel under MAC, keys and settings encrypted, and what they return is MACed. Each raises
CardError with the card's status; status.py has a sentence for it.
"""

from protocol import aes
from protocol.card import apdu, ev2
from protocol.card.apdu import CardError
from protocol.card.layout import COMM_FULL, COMM_MAC, COMM_PLAIN
from protocol.same import same

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from collections.abc import Generator

    Bytes = Generator[bytes, bytes, bytes]
    Nothing = Generator[bytes, bytes, None]

PICC = b"\x00\x00\x00"
NON_FIRST, GET_VERSION, GET_CARD_UID = 0x77, 0x60, 0x51
GET_APPLICATION_IDS, CREATE_APPLICATION, DELETE_APPLICATION, FORMAT = 0x6A, 0xCA, 0xDA, 0xFC
CHANGE_KEY, CHANGE_KEY_SETTINGS, GET_KEY_SETTINGS, GET_KEY_VERSION = 0xC4, 0x54, 0x45, 0x64
GET_FILE_IDS, GET_FILE_SETTINGS, ABORT = 0x6F, 0xF5, 0xA7
READ_DATA, WRITE_DATA, WRITE_RECORD = 0xBD, 0x3D, 0x3B  # in frames that go on with AF
FRAME_SIZE = 59  # data of one frame that goes on with AF
AES_KEYS = 0x80  # in the byte that says how many keys an application has
AES_PICC_KEY = 0x80  # in a key number at card level: the new key is an AES key


class Version:
    """What a card says of itself: hardware and software 7 bytes each, uid 7, production 7. CardError."""

    def __init__(self, said: bytes) -> None:
        if len(said) != 28:
            raise CardError("version of %d bytes, expected 28" % len(said))
        self.hardware, self.software, self.uid, self.production = said[:7], said[7:14], said[14:21], said[21:]

    @property
    def is_desfire_ev2(self) -> bool:
        """NXP's DESFire of the second generation or later: it knows EV2 messaging and Transaction MACs."""
        maker, kind, generation = self.hardware[0], self.hardware[1], self.hardware[3]
        return maker == 0x04 and kind & 0x0F == 0x01 and generation >= 0x12


def reauthenticate(session: ev2.Session, key_no: int, key: bytes, rnd_a: bytes) -> "Nothing":
    """AuthenticateEV2NonFirst: the session goes on under another key; TI, counter and transaction stay."""
    status, challenge = apdu.unwrap((yield apdu.wrap(NON_FIRST, bytes([key_no]))))
    if status != apdu.MORE or len(challenge) != 16:
        raise CardError("card refused authentication with status %02X" % status, status)
    response, rnd_b = ev2.answer_challenge(key, challenge, rnd_a)
    status, final = apdu.unwrap((yield apdu.wrap(apdu.MORE, response)))
    if status != apdu.OK or len(final) != 16:
        raise CardError("card does not accept our key: status %02X" % status, status)
    if not same(aes.decrypt_cbc(key, aes.ZERO_IV, final), rnd_a[1:] + rnd_a[:1]):
        raise CardError("card does not hold our key")
    session.enc_key, session.mac_key = ev2.session_keys(key, rnd_a, rnd_b)


def send(
    session: "ev2.Session | None",
    cmd: int,
    header: bytes = b"",
    data: bytes = b"",
    comm: int = COMM_MAC,
    reply_comm: "int | None" = None,
) -> "Bytes":
    """One command in as many frames as it takes -> the opened answer; without a session all is plain."""
    body = header + data if session is None else session.command(cmd, header, data, comm)
    while len(body) > FRAME_SIZE:
        status, answer = apdu.unwrap((yield apdu.wrap(cmd, body[:FRAME_SIZE])))
        if status != apdu.MORE or answer:
            raise CardError("card refused part of a command with status %02X" % status, status)
        cmd, body = apdu.MORE, body[FRAME_SIZE:]
    answer = yield from apdu.exchange(cmd, body)
    if session is None:
        return answer
    return session.reply(answer, comm if reply_comm is None else reply_comm)


def get_version(session: "ev2.Session | None" = None) -> "Generator[bytes, bytes, Version]":
    """GetVersion; outside a session anybody may have said it."""
    return Version((yield from send(session, GET_VERSION)))


def get_card_uid(session: ev2.Session) -> "Bytes":
    """GetCardUID: the true one, encrypted, also of a card that shows a random one."""
    return (yield from send(session, GET_CARD_UID, comm=COMM_FULL))


def get_application_ids(session: "ev2.Session | None") -> "Generator[bytes, bytes, list[bytes]]":
    """GetApplicationIDs -> [AID of 3 bytes]."""
    found = yield from send(session, GET_APPLICATION_IDS)
    if len(found) % 3:
        raise CardError("list of applications of %d bytes" % len(found))
    return [found[at : at + 3] for at in range(0, len(found), 3)]


def create_application(session: "ev2.Session | None", aid: bytes, settings: int, keys: int) -> "Nothing":
    """CreateApplication with so many AES keys, all of them zeros."""
    yield from send(session, CREATE_APPLICATION, aid + bytes([settings, AES_KEYS | keys]))


def delete_application(session: ev2.Session, aid: bytes) -> "Nothing":
    """DeleteApplication; its memory comes back with the next format only."""
    yield from send(session, DELETE_APPLICATION, aid)


def format_picc(session: ev2.Session) -> "Nothing":
    """FormatPICC: every application is gone; the card's own key and settings stay."""
    yield from send(session, FORMAT)


def change_key(
    session: ev2.Session, key_no: int, new: bytes, version: int, old: "bytes | None" = None
) -> "Nothing":
    """ChangeKey; old: the present one, unless it is the key of this session, which then ends unMACed."""
    data = ev2.change_key_data(new, version, old)
    command = session.command(CHANGE_KEY, bytes([key_no]), data, COMM_FULL)
    answer = yield from apdu.exchange(CHANGE_KEY, command)
    if old is not None:
        session.reply(answer)


def change_key_settings(session: ev2.Session, settings: int) -> "Nothing":
    """ChangeKeySettings of the selected application, or of the card."""
    yield from send(session, CHANGE_KEY_SETTINGS, b"", bytes([settings]), COMM_FULL, COMM_MAC)


def get_key_settings(session: "ev2.Session | None") -> "Bytes":
    """GetKeySettings -> settings, kind and number of keys."""
    return (yield from send(session, GET_KEY_SETTINGS))


def get_key_version(session: "ev2.Session | None", key_no: int) -> "Bytes":
    """GetKeyVersion -> one byte."""
    return (yield from send(session, GET_KEY_VERSION, bytes([key_no])))


def get_file_ids(session: "ev2.Session | None") -> "Bytes":
    """GetFileIDs -> one byte each."""
    return (yield from send(session, GET_FILE_IDS))


def get_file_settings(session: "ev2.Session | None", file_no: int) -> "Bytes":
    """GetFileSettings as DESFire spells them."""
    return (yield from send(session, GET_FILE_SETTINGS, bytes([file_no])))


def read_data(
    session: "ev2.Session | None", file_no: int, offset: int, length: int, comm: int = COMM_PLAIN
) -> "Bytes":
    """ReadData of a standard or backup file; length 0: to its end."""
    return (yield from send(session, READ_DATA, bytes([file_no]) + _span(offset, length), comm=comm))


def write_data(
    session: "ev2.Session | None", file_no: int, offset: int, data: bytes, comm: int = COMM_PLAIN
) -> "Nothing":
    """WriteData; of a backup file it counts from the next commit."""
    yield from _write(session, WRITE_DATA, file_no, offset, data, comm)


def write_record(
    session: "ev2.Session | None", file_no: int, offset: int, data: bytes, comm: int = COMM_PLAIN
) -> "Nothing":
    """WriteRecord into the record that the next commit adds."""
    yield from _write(session, WRITE_RECORD, file_no, offset, data, comm)


def abort(session: ev2.Session) -> "Nothing":
    """AbortTransaction: what was not committed is forgotten."""
    yield from send(session, ABORT)


def _write(
    session: "ev2.Session | None", cmd: int, file_no: int, offset: int, data: bytes, comm: int
) -> "Nothing":
    header = bytes([file_no]) + _span(offset, len(data))
    yield from send(session, cmd, header, data, comm, COMM_PLAIN if comm == COMM_PLAIN else COMM_MAC)


def _span(offset: int, length: int) -> bytes:
    return offset.to_bytes(3, "little") + length.to_bytes(3, "little")
