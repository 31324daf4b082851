"""ChangeKey in its two forms and GetKeyVersion."""

from hmac import compare_digest
from typing import Final

from simulator.card import crypto, status
from simulator.card.chip import Answer, Chip
from simulator.card.messaging import CommMode
from simulator.card.state import MASTER_KEY_CHANGEABLE, PICC, Key
from simulator.card.status import Refused

_SAME_KEY: Final = 0xE
_FROZEN: Final = 0xF


def change_key(chip: Chip, cmd: int, data: bytes) -> Answer:
    """Key number | encrypted: own key: new 16, version; another: new XOR old 16, version, CRC32 of the new.

    Changing the key of the session ends it, so that answer bears no MAC.
    """
    if chip.aid == PICC:
        raise Refused(status.PERMISSION_DENIED)
    if chip.session is None:
        raise Refused(status.AUTHENTICATION_ERROR)
    if not data:
        raise Refused(status.LENGTH_ERROR)
    key_no = data[0]
    if key_no >= len(chip.app.keys):
        raise Refused(status.NO_SUCH_KEY)
    _need_change_right(chip, chip.session.key_no, key_no)
    own = key_no == chip.session.key_no
    _, body = chip.open(cmd, data, 1, CommMode.FULL)
    if len(body) != (17 if own else 21):
        raise Refused(status.LENGTH_ERROR)
    value, version = body[:16], body[16]
    if not own:
        old = chip.app.keys[key_no].value
        value = bytes(a ^ b for a, b in zip(value, old, strict=True))
        if not compare_digest(crypto.jamcrc(value), body[17:]):
            raise Refused(status.INTEGRITY_ERROR)
    with chip.step(f"change key {key_no}"):
        chip.app.keys[key_no] = Key(value, version)
    if own:
        chip.drop_session()
    return chip.reply(b"", CommMode.MAC)


def get_key_version(chip: Chip, cmd: int, data: bytes) -> Answer:
    """Key number; answers one byte. Needs no authentication."""
    header = chip.open_header(cmd, data, 1, CommMode.MAC)
    if header[0] >= len(chip.app.keys):
        raise Refused(status.NO_SUCH_KEY)
    return chip.reply(bytes([chip.app.keys[header[0]].version]), CommMode.MAC)


def _need_change_right(chip: Chip, proved: int, key_no: int) -> None:
    """The upper half of the key settings says which key changes the others; the master key its own."""
    settings = chip.app.settings
    right = settings >> 4
    if key_no == 0:
        if not settings & MASTER_KEY_CHANGEABLE:
            raise Refused(status.PERMISSION_DENIED)
        right = 0
    if right == _FROZEN:
        raise Refused(status.PERMISSION_DENIED)
    if proved != (key_no if right == _SAME_KEY else right):
        raise Refused(status.AUTHENTICATION_ERROR)
