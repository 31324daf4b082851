"""Pairing: a kiosk without a bundle draws a secret and shows it as a code; who types it at the host seals the
bundle for it.

    code        18 letters of Crockford's base 32: 80 bits of secret, 10 of a check; O is 0, I and L are 1
    identifier  8 bytes by which the kiosk asks the host: HMAC-SHA256(secret, "tapledger pair id")
    sealed      IV 16 | AES-128-CBC of the bundle, padded with 80 00.. | first 16 bytes of an HMAC over both

What travels says nothing of the secret or the bundle, and nobody without the code can make it. Who sees the
code and hears the network can read the bundle: a code is good for LIFE_S and once.
"""

import hashlib

from protocol import aes
from protocol.same import same
from protocol.wire.mac import MAC_SIZE, hmac_sha256

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SECRET_SIZE = 10
CODE_SIZE = 18
GROUP = 6  # letters together on screen
LIFE_S = 600
SEALED_MAX = 4000  # bytes


class PairingError(ValueError):
    """The code or what was sealed is not good; the sentence says why."""


def _check(secret: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"tapledger pair code" + secret).digest()[:2], "big") >> 6


def code(secret: bytes) -> str:
    """10 bytes -> the code in groups, as it is shown."""
    bits = int.from_bytes(secret, "big") << 10 | _check(secret)
    letters = "".join([ALPHABET[bits >> at & 31] for at in range(5 * CODE_SIZE - 5, -1, -5)])
    return " ".join([letters[at : at + GROUP] for at in range(0, CODE_SIZE, GROUP)])


def secret_of(text: str) -> bytes:
    """What somebody typed -> the 10 bytes; PairingError for what no kiosk shows."""
    bits = size = 0
    for letter in text.upper().replace("O", "0").replace("I", "1").replace("L", "1"):
        if letter in " -":
            continue
        at = ALPHABET.find(letter)
        if at < 0:
            raise PairingError("%s is in no code" % letter)
        bits, size = bits << 5 | at, size + 1
        if size > CODE_SIZE:
            break
    if size != CODE_SIZE:
        raise PairingError("a code has %d letters and digits" % CODE_SIZE)
    secret = (bits >> 10).to_bytes(SECRET_SIZE, "big")
    if bits & 1023 != _check(secret):
        raise PairingError("a letter of the code is wrong")
    return secret


def identifier(secret: bytes) -> bytes:
    """By what the kiosk asks, 8 bytes."""
    return hmac_sha256(secret, b"tapledger pair id")[:8]


def seal(secret: bytes, iv: bytes, bundle: bytes) -> bytes:
    """The bundle for the kiosk that shows this secret; iv: 16 bytes, drawn for this."""
    padded = bundle + b"\x80" + bytes(15 - len(bundle) % 16)
    sealed = iv + aes.encrypt_cbc(hmac_sha256(secret, b"tapledger pair seal")[:16], iv, padded)
    return sealed + hmac_sha256(hmac_sha256(secret, b"tapledger pair mac"), sealed)[:MAC_SIZE]


def open_(secret: bytes, sealed: bytes) -> bytes:
    """The inverse; PairingError when it is for another code, or was changed."""
    content, mac = sealed[:-MAC_SIZE], sealed[-MAC_SIZE:]
    if len(content) < 32 or len(content) % 16:
        raise PairingError("what was sealed has a wrong length")
    if not same(hmac_sha256(hmac_sha256(secret, b"tapledger pair mac"), content)[:MAC_SIZE], mac):
        raise PairingError("what was sealed is for another code")
    padded = aes.decrypt_cbc(hmac_sha256(secret, b"tapledger pair seal")[:16], content[:16], content[16:])
    return padded[: padded.rfind(b"\x80")]
