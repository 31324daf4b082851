"""AuthenticateEV2First and NonFirst (data sheet 10.4): three passes, both sides prove the key, IV zero."""

from typing import Final

from simulator.card import crypto, status
from simulator.card.messaging.ev2 import Ev2Session, proved
from simulator.card.ntag424.chip import Answer, Chip
from simulator.card.ntag424.state import KEY_COUNT, Key
from simulator.card.status import Refused

_CAPABILITIES: Final = bytes(6)
_LRP: Final = 0x02


def first(chip: Chip, cmd: int, data: bytes) -> Answer:
    """AuthenticateEV2First: key | length of capabilities | capabilities; they can ask for LRP."""
    if len(data) < 2 or len(data) != 2 + data[1] or data[1] > len(_CAPABILITIES):
        raise Refused(status.LENGTH_ERROR)
    key_no, capabilities = data[0], data[2:].ljust(len(_CAPABILITIES), b"\x00")
    if capabilities[0] & _LRP:
        raise Refused(status.PERMISSION_DENIED)
    key = key_of(chip, key_no)
    chip.session = None
    rnd_b = chip.rng.randbytes(16)

    def finish(response: bytes) -> Answer:
        rnd_a = proved(key.value, rnd_b, response)
        ti = chip.rng.randbytes(4)
        chip.session = Ev2Session(key_no, ti, *crypto.session_keys(key.value, rnd_a, rnd_b))
        proof = ti + crypto.rotate_left(rnd_a) + _CAPABILITIES + capabilities
        return Answer(status.OK, crypto.aes_cbc_encrypt(key.value, crypto.ZERO_IV, proof))

    return Answer(status.MORE, crypto.aes_block(key.value, rnd_b), finish)


def non_first(chip: Chip, cmd: int, data: bytes) -> Answer:
    """AuthenticateEV2NonFirst: key. Transaction identifier and counter go on."""
    if len(data) != 1:
        raise Refused(status.LENGTH_ERROR)
    session, key_no, key = chip.need_session(), data[0], key_of(chip, data[0])
    chip.session = None
    rnd_b = chip.rng.randbytes(16)

    def finish(response: bytes) -> Answer:
        rnd_a = proved(key.value, rnd_b, response)
        keys = crypto.session_keys(key.value, rnd_a, rnd_b)
        chip.session = Ev2Session(key_no, session.ti, *keys, session.counter)
        proof = crypto.aes_cbc_encrypt(key.value, crypto.ZERO_IV, crypto.rotate_left(rnd_a))
        return Answer(status.OK, proof)

    return Answer(status.MORE, crypto.aes_block(key.value, rnd_b), finish)


def key_of(chip: Chip, key_no: int) -> Key:
    """One of the five keys; at card level there is none."""
    if not chip.in_application or key_no >= KEY_COUNT:
        raise Refused(status.NO_SUCH_KEY)
    return chip.state.keys[key_no]
