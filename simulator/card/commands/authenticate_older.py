"""Authenticate of D40 (0A) and of EV1 (1A for DES keys, AA for AES): three passes, other messaging after.

In 0A the card only encrypts, as in all of D40 messaging, and each message begins with an IV of zeros; in 1A
and AA all three are one CBC chain. A transaction goes on under the key that is proved next.
"""

from hmac import compare_digest

from simulator.card import crypto, status
from simulator.card.chip import Answer, Chip
from simulator.card.commands.authenticate import named_key
from simulator.card.keys import AES, DES2, DES3, Key, Kind
from simulator.card.messaging import Session
from simulator.card.messaging.d40 import D40Session
from simulator.card.messaging.ev1 import Ev1Session
from simulator.card.status import Refused


def legacy(chip: Chip, cmd: int, data: bytes) -> Answer:
    """Key number, of a DES or 2K3DES key. Begins D40 messaging."""
    key_no, key = _request(chip, data, (DES2,))
    cipher, size = key.cipher(), key.kind.challenge_bytes
    rnd_b = chip.rng.randbytes(size)

    def finish(response: bytes) -> Answer:
        first, second = _halves(response, size)
        rnd_a = cipher.encrypt(cipher.zero_iv, first)
        opened = cipher.encrypt(cipher.zero_iv, second)
        _compare(bytes(a ^ b for a, b in zip(opened, first, strict=True)), rnd_b)
        proof = cipher.encrypt(cipher.zero_iv, crypto.rotate_left(rnd_a))
        return _begin(chip, D40Session(key_no, key.session_cipher(rnd_a, rnd_b)), proof)

    return Answer(status.MORE, cipher.encrypt(cipher.zero_iv, rnd_b), then=finish)


def iso(chip: Chip, cmd: int, data: bytes) -> Answer:
    """Key number, of a DES, 2K3DES or 3K3DES key. Begins EV1 messaging."""
    return _chained(chip, data, (DES2, DES3))


def aes(chip: Chip, cmd: int, data: bytes) -> Answer:
    """Key number, of an AES key. Begins EV1 messaging."""
    return _chained(chip, data, (AES,))


def _chained(chip: Chip, data: bytes, kinds: tuple[Kind, ...]) -> Answer:
    key_no, key = _request(chip, data, kinds)
    cipher, size = key.cipher(), key.kind.challenge_bytes
    rnd_b = chip.rng.randbytes(size)
    challenge = cipher.encrypt(cipher.zero_iv, rnd_b)

    def finish(response: bytes) -> Answer:
        _halves(response, size)
        plain = cipher.decrypt(challenge[-cipher.block_bytes :], response)
        rnd_a = plain[:size]
        _compare(plain[size:], rnd_b)
        proof = cipher.encrypt(response[-cipher.block_bytes :], crypto.rotate_left(rnd_a))
        return _begin(chip, Ev1Session(key_no, key.session_cipher(rnd_a, rnd_b)), proof)

    return Answer(status.MORE, challenge, then=finish)


def _request(chip: Chip, data: bytes, kinds: tuple[Kind, ...]) -> tuple[int, Key]:
    if len(data) != 1:
        raise Refused(status.LENGTH_ERROR)
    chip.session = None
    return data[0], named_key(chip, data[0], kinds)


def _halves(response: bytes, size: int) -> tuple[bytes, bytes]:
    if len(response) != 2 * size:
        raise Refused(status.LENGTH_ERROR)
    return response[:size], response[size:]


def _compare(returned: bytes, rnd_b: bytes) -> None:
    if not compare_digest(returned, crypto.rotate_left(rnd_b)):
        raise Refused(status.AUTHENTICATION_ERROR)


def _begin(chip: Chip, session: Session, proof: bytes) -> Answer:
    chip.session = session
    return Answer(status.OK, proof, event="auth")
