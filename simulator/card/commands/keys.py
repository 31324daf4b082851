"""ChangeKey, GetKeyVersion and the key settings."""

from hmac import compare_digest
from typing import Final

from simulator.card import status
from simulator.card.chip import Answer, Chip
from simulator.card.keys import AES, KINDS_BY_CODE, Key, Kind
from simulator.card.messaging import CommMode
from simulator.card.state import MASTER_KEY_CHANGEABLE, PICC, SETTINGS_CHANGEABLE
from simulator.card.status import Refused

_SAME_KEY: Final = 0xE
_FROZEN: Final = 0xF
_KIND_BITS: Final = 0xC0


def change_key(chip: Chip, cmd: int, data: bytes) -> Answer:
    """Key number | encrypted: the new value; of a key other than the session's: new XOR old, checksum of new.

    An AES key's version follows the value. At card level the number's two upper bits say of what kind the new
    key is. Changing the key of the session ends it, so that answer bears no MAC.
    """
    if not data:
        raise Refused(status.LENGTH_ERROR)
    key_no, kind = _target(chip, data[0])
    if chip.session is None:
        raise Refused(status.AUTHENTICATION_ERROR)
    _need_change_right(chip, chip.session.key_no, key_no)
    own = key_no == chip.session.key_no
    tail = 0 if own else len(chip.session.checksum(b""))
    size = kind.size_bytes + (1 if kind is AES else 0)
    _, body = chip.open(cmd, data, 1, CommMode.FULL, size, tail)
    value, version = body[: kind.size_bytes], body[kind.size_bytes] if kind is AES else 0
    if not own:
        old = chip.app.keys[key_no].value
        value = bytes(a ^ b for a, b in zip(value, old, strict=True))
        if not compare_digest(chip.session.checksum(value), body[size:]):
            raise Refused(status.INTEGRITY_ERROR)
    with chip.step(f"change key {key_no}"):
        chip.app.keys[key_no] = Key(value, version, kind)
    if own:
        chip.drop_session()
    return chip.reply()


def get_key_version(chip: Chip, cmd: int, data: bytes) -> Answer:
    """Key number; answers one byte. Needs no authentication."""
    header = chip.open_header(cmd, data, 1)
    if header[0] >= len(chip.app.keys):
        raise Refused(status.NO_SUCH_KEY)
    return chip.reply(bytes([chip.app.keys[header[0]].version]))


def get_key_settings(chip: Chip, cmd: int, data: bytes) -> Answer:
    """Answers the settings, and kind and number of the keys."""
    chip.need_listing()
    chip.open_header(cmd, data, 0)
    return chip.reply(bytes([chip.app.settings, chip.app.kind.code | len(chip.app.keys)]))


def change_key_settings(chip: Chip, cmd: int, data: bytes) -> Answer:
    """Encrypted: the new settings, one byte. The card level has no use for the upper half."""
    chip.need_proof()
    if not chip.app.settings & SETTINGS_CHANGEABLE:
        raise Refused(status.PERMISSION_DENIED)
    _, body = chip.open(cmd, data, 0, CommMode.FULL, 1)
    if chip.aid == PICC and body[0] & 0xF0:
        raise Refused(status.PARAMETER_ERROR)
    with chip.step("change key settings"):
        chip.app.settings = body[0]
    return chip.reply()


def _target(chip: Chip, number: int) -> tuple[int, Kind]:
    """The key that is meant and of what kind it will be."""
    kind = chip.app.kind
    if chip.aid == PICC:
        new_kind = KINDS_BY_CODE.get(number & _KIND_BITS)
        if new_kind is None:
            raise Refused(status.PARAMETER_ERROR)
        number, kind = number & ~_KIND_BITS, new_kind
    if number >= len(chip.app.keys):
        raise Refused(status.NO_SUCH_KEY)
    return number, kind


def _need_change_right(chip: Chip, proved: int, key_no: int) -> None:
    """The upper half of the key settings names the key that changes the others; the master key changes it."""
    settings = chip.app.settings
    right = settings >> 4
    if key_no == 0 and not settings & MASTER_KEY_CHANGEABLE:
        raise Refused(status.PERMISSION_DENIED)
    if key_no in (0, right):
        right = 0
    if right == _FROZEN:
        raise Refused(status.PERMISSION_DENIED)
    if proved != (key_no if right == _SAME_KEY else right):
        raise Refused(status.AUTHENTICATION_ERROR)
