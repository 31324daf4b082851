"""AuthenticateEV2First and NonFirst (AN12343 4.1): three passes, both sides prove the key, IV zero."""

from typing import Final

from simulator.card import crypto, status
from simulator.card.chip import Answer, Chip
from simulator.card.keys import AES, Key, Kind
from simulator.card.messaging.ev2 import Ev2Session, proved
from simulator.card.status import Refused
from simulator.card.transaction import Transaction

_PD_CAPABILITIES: Final = bytes(6)
_CAPABILITY_BYTES: Final = 6


def first(chip: Chip, cmd: int, data: bytes) -> Answer:
    """Key number | length of the reader's capabilities | capabilities. Begins a new session."""
    if len(data) < 2 or len(data) != 2 + data[1] or data[1] > _CAPABILITY_BYTES:
        raise Refused(status.LENGTH_ERROR)
    key_no, capabilities = data[0], data[2:].ljust(_CAPABILITY_BYTES, b"\x00")
    chip.drop_session()
    key = named_key(chip, key_no, (AES,))
    rnd_b = chip.rng.randbytes(AES.challenge_bytes)

    def finish(response: bytes) -> Answer:
        rnd_a = proved(key.value, rnd_b, response)
        ti = chip.rng.randbytes(4)
        enc_key, mac_key = crypto.session_keys(key.value, rnd_a, rnd_b)
        chip.session = Ev2Session(key_no, ti, enc_key, mac_key)
        chip.transaction = Transaction()
        proof = ti + crypto.rotate_left(rnd_a) + _PD_CAPABILITIES + capabilities
        return Answer(status.OK, crypto.aes_cbc_encrypt(key.value, crypto.ZERO_IV, proof), event="auth")

    return Answer(status.MORE, crypto.aes_block(key.value, rnd_b), then=finish)


def non_first(chip: Chip, cmd: int, data: bytes) -> Answer:
    """Key number. Changes the key within a session: transaction identifier, counter and transaction go on."""
    if len(data) != 1:
        raise Refused(status.LENGTH_ERROR)
    session = chip.session
    if not isinstance(session, Ev2Session):
        raise Refused(status.PERMISSION_DENIED)
    chip.session = None
    key_no, key = data[0], named_key(chip, data[0], (AES,))
    rnd_b = chip.rng.randbytes(AES.challenge_bytes)

    def finish(response: bytes) -> Answer:
        rnd_a = proved(key.value, rnd_b, response)
        enc_key, mac_key = crypto.session_keys(key.value, rnd_a, rnd_b)
        chip.session = Ev2Session(key_no, session.ti, enc_key, mac_key, session.counter)
        proof = crypto.aes_cbc_encrypt(key.value, crypto.ZERO_IV, crypto.rotate_left(rnd_a))
        return Answer(status.OK, proof, event="auth")

    return Answer(status.MORE, crypto.aes_block(key.value, rnd_b), then=finish)


def named_key(chip: Chip, key_no: int, kinds: tuple[Kind, ...]) -> Key:
    """A key of the selected level; refused where it is not there or not of a kind that this way can prove."""
    if key_no >= len(chip.app.keys):
        raise Refused(status.NO_SUCH_KEY)
    key = chip.app.keys[key_no]
    if key.kind not in kinds:
        raise Refused(status.AUTHENTICATION_ERROR)
    return key
