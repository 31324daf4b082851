"""Commands of the card as a whole: version, UID, free memory, format."""

from typing import Final

from simulator.card import status
from simulator.card.chip import Answer, Chip, chained
from simulator.card.messaging import CommMode
from simulator.card.state import PICC
from simulator.card.status import Refused

_BATCH: Final = bytes.fromhex("BA44D01460")
_WEEK_YEAR: Final = bytes.fromhex("3218")


def get_version(chip: Chip, cmd: int, data: bytes) -> Answer:
    """Three frames: hardware, software, production data. These begin with the UID; zeros if it is random."""
    chip.open_header(cmd, data, 0)
    model, uid = chip.state.model, chip.state.uid
    if chip.state.configuration.random_uid:
        uid = bytes(len(uid))
    whole = chip.reply(model.hardware + model.software + uid + _BATCH + _WEEK_YEAR, chain=False).data

    def software(request: bytes) -> Answer:
        _need_empty(request)
        return Answer(status.MORE, whole[7:14], then=production)

    def production(request: bytes) -> Answer:
        _need_empty(request)
        return chained(whole[14:])

    return Answer(status.MORE, whole[:7], then=software)


def get_card_uid(chip: Chip, cmd: int, data: bytes) -> Answer:
    """The true UID, encrypted; only inside a session."""
    if chip.session is None:
        raise Refused(status.AUTHENTICATION_ERROR)
    chip.open_header(cmd, data, 0)
    return chip.reply(chip.state.uid, CommMode.FULL)


def free_memory(chip: Chip, cmd: int, data: bytes) -> Answer:
    """Answers the free bytes, 3 bytes LSB first."""
    chip.open_header(cmd, data, 0)
    return chip.reply(max(0, chip.state.free_bytes()).to_bytes(3, "little"))


def format_picc(chip: Chip, cmd: int, data: bytes) -> Answer:
    """Deletes all applications and gives their memory back; key, settings, configuration and session stay."""
    chip.need_card_level()
    chip.need_proof()
    chip.open_header(cmd, data, 0)
    if chip.state.configuration.format_disabled:
        raise Refused(status.PERMISSION_DENIED)
    with chip.step("format"):
        chip.state.applications = {PICC: chip.app}
        chip.state.lost_bytes = 0
    return chip.reply()


def _need_empty(request: bytes) -> None:
    if request:
        raise Refused(status.LENGTH_ERROR)
