"""The native commands (data sheet chapter 10): each takes the chip, its own byte and what follows it."""

from collections.abc import Callable
from typing import Final

from simulator.card import crypto, status
from simulator.card.messaging import CommMode
from simulator.card.ntag424.authenticate import first, key_of, non_first
from simulator.card.ntag424.chip import MODES, Answer, Chip
from simulator.card.ntag424.settings import Sdm
from simulator.card.ntag424.state import FREE, KEY_COUNT, NDEF, NEVER
from simulator.card.status import Refused

_HARDWARE: Final = bytes.fromhex("04040230001105")
_SOFTWARE: Final = bytes.fromhex("04040201021105")
_PRODUCTION: Final = bytes.fromhex("CF0D3A19304822")  # batch, week and year of no chip in particular
_SDM_ENABLED: Final = 0x40


def get_version(chip: Chip, cmd: int, data: bytes) -> Answer:
    """Three frames; in a session the MAC of all stands in the last."""
    chip.open_header(cmd, data, 0, CommMode.MAC)
    whole = chip.reply(_HARDWARE + _SOFTWARE + chip.state.uid + _PRODUCTION, CommMode.MAC)

    def last(request: bytes) -> Answer:
        return Answer(status.OK, _asked(request, whole[14:]))

    def second(request: bytes) -> Answer:
        return Answer(status.MORE, _asked(request, whole[7:14]), last)

    return Answer(status.MORE, whole[:7], second)


def _asked(request: bytes, data: bytes) -> bytes:
    if request:
        raise Refused(status.LENGTH_ERROR)
    return data


def get_card_uid(chip: Chip, cmd: int, data: bytes) -> Answer:
    """GetCardUID: only for whoever proved a key."""
    chip.need_session()
    chip.open_header(cmd, data, 0, CommMode.MAC)
    return Answer(status.OK, chip.reply(chip.state.uid, CommMode.FULL))


def change_key(chip: Chip, cmd: int, data: bytes) -> Answer:
    """ChangeKey under key 0: its own new value and version; of another key old xor new, version, CRC."""
    session = chip.need_session()
    if session.key_no != 0:
        raise Refused(status.AUTHENTICATION_ERROR)
    header, body = chip.open(cmd, data, 1, CommMode.FULL)
    key_no = header[0]
    key = key_of(chip, key_no)
    if len(body) != (17 if key_no == 0 else 21):
        raise Refused(status.LENGTH_ERROR)
    value, version = body[:16], body[16]
    if key_no:
        value = bytes(a ^ b for a, b in zip(value, key.value, strict=True))
        if crypto.jamcrc(value) != body[17:]:
            raise Refused(status.INTEGRITY_ERROR)
    with chip.step("change key"):
        key.value, key.version = value, version
    if key_no == 0:
        chip.session = None
        return Answer(status.OK)
    return Answer(status.OK, chip.reply(b"", CommMode.MAC))


def get_key_version(chip: Chip, cmd: int, data: bytes) -> Answer:
    """GetKeyVersion: key number."""
    key = key_of(chip, chip.open_header(cmd, data, 1, CommMode.MAC)[0])
    return Answer(status.OK, chip.reply(bytes([key.version]), CommMode.MAC))


def get_file_settings(chip: Chip, cmd: int, data: bytes) -> Answer:
    """GetFileSettings: file number."""
    file = chip.file(chip.open_header(cmd, data, 1, CommMode.MAC)[0])
    return Answer(status.OK, chip.reply(b"\x00" + file.settings, CommMode.MAC))


def change_file_settings(chip: Chip, cmd: int, data: bytes) -> Answer:
    """ChangeFileSettings: file | option, rights 2, settings of Secure Dynamic Messaging (on: counts anew)."""
    if not data:
        raise Refused(status.LENGTH_ERROR)
    file = chip.file(data[0])
    change = file.rights[3]
    free = change == FREE and (chip.session is None or chip.session.key_no != change)
    if not free and (change == NEVER or chip.need_session().key_no != change):
        raise Refused(status.PERMISSION_DENIED if change == NEVER else status.AUTHENTICATION_ERROR)
    _, body = chip.open(cmd, data, 1, CommMode.PLAIN if free else CommMode.FULL)
    if len(body) < 3:
        raise Refused(status.LENGTH_ERROR)
    option, rights = body[0], (body[2] >> 4, body[2] & 0xF, body[1] >> 4, body[1] & 0xF)
    if option & ~(_SDM_ENABLED | 0x03) or (option & 0x03) not in MODES:
        raise Refused(status.PARAMETER_ERROR)
    if any(KEY_COUNT <= right < FREE for right in rights):
        raise Refused(status.PARAMETER_ERROR)
    sdm = None
    if option & _SDM_ENABLED:
        sdm = Sdm.decode(body[3:], len(file.content))
        if sdm is None or data[0] != NDEF:
            raise Refused(status.PARAMETER_ERROR)
    elif len(body) > 3:
        raise Refused(status.LENGTH_ERROR)
    with chip.step("change file settings"):
        if sdm is not None and file.sdm is None:
            file.counter = 0
        file.comm, file.rights, file.sdm = option & 0x03, rights, sdm
    return Answer(status.OK, chip.reply(b"", CommMode.PLAIN if free else CommMode.MAC))


def get_file_counters(chip: Chip, cmd: int, data: bytes) -> Answer:
    """GetFileCounters: file -> read counter 3, two bytes of zero."""
    if not data:
        raise Refused(status.LENGTH_ERROR)
    file = chip.file(data[0])
    if file.sdm is None:
        raise Refused(status.PARAMETER_ERROR)
    right = file.sdm.counter
    if right != FREE and (right == NEVER or chip.need_session().key_no != right):
        raise Refused(status.PERMISSION_DENIED if right == NEVER else status.AUTHENTICATION_ERROR)
    chip.open_header(cmd, data, 1, CommMode.MAC)
    return Answer(status.OK, chip.reply(file.counter.to_bytes(3, "little") + bytes(2), CommMode.FULL))


def read_data(chip: Chip, cmd: int, data: bytes) -> Answer:
    """ReadData: file | offset 3 | length 3 (zero: to the end)."""
    if not data:
        raise Refused(status.LENGTH_ERROR)
    file = chip.file(data[0])
    mode = chip.mode(file, file.rights[0], file.rights[2])
    header = chip.open_header(cmd, data, 7, mode)
    offset, length = int.from_bytes(header[1:4], "little"), int.from_bytes(header[4:7], "little")
    size = len(file.content)
    if offset >= size or offset + length > size:
        raise Refused(status.BOUNDARY_ERROR)
    shown = chip.content(cmd, data[0])
    return Answer(status.OK, chip.reply(shown[offset : offset + length if length else size], mode))


def write_data(chip: Chip, cmd: int, data: bytes) -> Answer:
    """WriteData: file | offset 3 | length 3 | data."""
    if not data:
        raise Refused(status.LENGTH_ERROR)
    file = chip.file(data[0])
    mode = chip.mode(file, file.rights[1], file.rights[2])
    header, body = chip.open(cmd, data, 7, mode)
    offset, length = int.from_bytes(header[1:4], "little"), int.from_bytes(header[4:7], "little")
    if not length or len(body) != length:
        raise Refused(status.LENGTH_ERROR)
    if offset + length > len(file.content):
        raise Refused(status.BOUNDARY_ERROR)
    chip.write(file, offset, body)
    return Answer(status.OK, chip.reply(b"", mode))


HANDLERS: Final[dict[int, Callable[[Chip, int, bytes], Answer]]] = {
    0x60: get_version,
    0x71: first,
    0x77: non_first,
    0x51: get_card_uid,
    0xC4: change_key,
    0x64: get_key_version,
    0xF5: get_file_settings,
    0x5F: change_file_settings,
    0xF6: get_file_counters,
    0xAD: read_data,
    0x8D: write_data,
}
