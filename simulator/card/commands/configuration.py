"""SetConfiguration: what the card's master key sets for the whole card."""

from dataclasses import replace
from typing import Final

from simulator.card import status
from simulator.card.chip import Answer, Chip
from simulator.card.keys import DES3
from simulator.card.messaging import CommMode
from simulator.card.state import Configuration
from simulator.card.status import Refused

_NO_FORMAT: Final = 0x01
_RANDOM_UID: Final = 0x02
_ATS_BYTES: Final = range(2, 21)
# Option: how many bytes of data; None is as many as there are.
_SIZES: Final[dict[int, int | None]] = {0x00: 1, 0x01: DES3.size_bytes + 1, 0x02: None}


def set_configuration(chip: Chip, cmd: int, data: bytes) -> Answer:
    """Option | encrypted: 00: 01 no format, 02 random UID; 01: default key 24, version; 02: the ATS.

    No format and random UID are for ever. The further options of EV2 are not modelled.
    """
    chip.need_card_level()
    chip.need_proof()
    if not data:
        raise Refused(status.LENGTH_ERROR)
    if data[0] not in _SIZES:
        raise Refused(status.PARAMETER_ERROR)
    header, body = chip.open(cmd, data, 1, CommMode.FULL, _SIZES[data[0]])
    changed = _changed(chip.state.configuration, header[0], body)
    with chip.step("set configuration"):
        chip.state.configuration = changed
    return chip.reply()


def _changed(old: Configuration, option: int, body: bytes) -> Configuration:
    if option == 0x01:
        return replace(old, default_key=body[:-1], default_version=body[-1])
    if option == 0x02:
        if len(body) not in _ATS_BYTES or body[0] != len(body):
            raise Refused(status.PARAMETER_ERROR)
        return replace(old, ats=body)
    if body[0] & ~(_NO_FORMAT | _RANDOM_UID):
        raise Refused(status.PARAMETER_ERROR)
    no_format, random_uid = bool(body[0] & _NO_FORMAT), bool(body[0] & _RANDOM_UID)
    return replace(
        old,
        format_disabled=old.format_disabled or no_format,
        random_uid=old.random_uid or random_uid,
    )
