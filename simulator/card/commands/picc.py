"""Commands of the card level: version, applications, UID."""

from typing import Final

from simulator.card import status
from simulator.card.chip import Answer, Chip, chained
from simulator.card.messaging import CommMode
from simulator.card.state import FREE_CREATION, PICC, Application, Key
from simulator.card.status import Refused

# NXP, DESFire, EV2, 8 KB, ISO 14443-4: hardware 12.0, software 2.1.
_HARDWARE: Final = bytes.fromhex("04010112001A05")
_SOFTWARE: Final = bytes.fromhex("04010102011A05")
_BATCH: Final = bytes.fromhex("BA44D01460")
_WEEK_YEAR: Final = bytes.fromhex("3218")
_AES_KEYS: Final = 0x80
_MAX_KEYS: Final = 14


def get_version(chip: Chip, cmd: int, data: bytes) -> Answer:
    """Three frames: hardware, software, production data that begin with the UID."""
    chip.open_header(cmd, data, 0, CommMode.MAC)
    whole = chip.reply(_HARDWARE + _SOFTWARE + chip.state.uid + _BATCH + _WEEK_YEAR, CommMode.MAC).data

    def software(request: bytes) -> Answer:
        _need_empty(request)
        return Answer(status.MORE, whole[7:14], then=production)

    def production(request: bytes) -> Answer:
        _need_empty(request)
        return chained(whole[14:])

    return Answer(status.MORE, whole[:7], then=software)


def select_application(chip: Chip, cmd: int, data: bytes) -> Answer:
    """AID, 3 bytes. Ends the session; selecting two applications at once is not modelled."""
    if len(data) != 3:
        raise Refused(status.LENGTH_ERROR)
    if data not in chip.state.applications:
        raise Refused(status.APPLICATION_NOT_FOUND)
    chip.select(data)
    return Answer(status.OK)


def get_application_ids(chip: Chip, cmd: int, data: bytes) -> Answer:
    """All AIDs, 3 bytes each."""
    if chip.aid != PICC:
        raise Refused(status.PERMISSION_DENIED)
    chip.need_listing()
    chip.open_header(cmd, data, 0, CommMode.MAC)
    return chip.reply(b"".join(aid for aid in chip.state.applications if aid != PICC), CommMode.MAC)


def create_application(chip: Chip, cmd: int, data: bytes) -> Answer:
    """AID 3 | key settings | key type and count. AES only; ISO names and key sets are refused."""
    if chip.aid != PICC:
        raise Refused(status.PERMISSION_DENIED)
    chip.need_master(FREE_CREATION)
    header, body = chip.open(cmd, data, 5, CommMode.MAC)
    if body:
        raise Refused(status.LENGTH_ERROR)
    aid, settings, key_byte = header[:3], header[3], header[4]
    count = key_byte & 0x0F
    if key_byte & 0xF0 != _AES_KEYS or not 1 <= count <= _MAX_KEYS:
        raise Refused(status.PARAMETER_ERROR)
    if aid in chip.state.applications:
        raise Refused(status.DUPLICATE)
    application = Application(settings, [Key() for _ in range(count)])
    if application.size_bytes() > chip.state.free_bytes():
        raise Refused(status.OUT_OF_MEMORY)
    with chip.step("create application"):
        chip.state.applications[aid] = application
    return chip.reply(b"", CommMode.MAC)


def get_card_uid(chip: Chip, cmd: int, data: bytes) -> Answer:
    """The UID, encrypted; only inside a session."""
    if chip.session is None:
        raise Refused(status.AUTHENTICATION_ERROR)
    chip.open_header(cmd, data, 0, CommMode.FULL)
    return chip.reply(chip.state.uid, CommMode.FULL)


def _need_empty(request: bytes) -> None:
    if request:
        raise Refused(status.LENGTH_ERROR)
