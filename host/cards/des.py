"""The DES side of a factory card: authentication 1A with its 2K3DES master key, and the messaging after it.

    1A key -> E(RndB)     AF E(RndA | RndB') -> E(RndA')     CBC all through, the IV begins with zeros
    session key   RndA[0:4] | RndB[0:4] | RndA[4:8] | RndB[4:8]; of a key with two equal halves
                  RndA[0:4] | RndB[0:4], twice
    command       travels plain, its CMAC becomes the IV; or its data encrypted: data | CRC32 | zeros
    answer        data | CMAC over data | status
Checked against the traces of real cards in tests/data/traces/des.json. Only to make a card ours: what comes
after uses AES alone (protocol.card.ev2). Here and not in protocol/, as no kiosk ever does it.
"""

from binascii import crc32
from collections.abc import Generator

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.cmac import CMAC

from protocol.aes import xor
from protocol.card import apdu
from protocol.card.apdu import CardError
from protocol.same import same

AUTHENTICATE = 0x1A
BLOCK = 8
ZERO_IV = bytes(BLOCK)


def _cipher(key: bytes) -> TripleDES:
    return TripleDES(key + key[:8])  # the library's name for a key of two halves


def _cbc(key: bytes, iv: bytes, data: bytes, decrypt: bool = False) -> bytes:
    cipher = Cipher(_cipher(key), modes.CBC(iv))
    worker = cipher.decryptor() if decrypt else cipher.encryptor()
    return worker.update(data) + worker.finalize()


def session_key(key: bytes, rnd_a: bytes, rnd_b: bytes) -> bytes:
    """16 bytes from the authentication key of 16 and both randoms of 8."""
    # DES ignores each byte's lowest bit: what differs there alone is one key
    halves = [bytes(byte & 0xFE for byte in half) for half in (key[:8], key[8:])]
    first = rnd_a[:4] + rnd_b[:4]
    return first + (first if halves[0] == halves[1] else rnd_a[4:] + rnd_b[4:])


class Session:
    """The session after 1A: the key, and the IV that every command and answer moves on."""

    def __init__(self, key: bytes, iv: bytes = ZERO_IV) -> None:
        self._key = key
        self.iv = iv

    def _cmac(self, data: bytes) -> bytes:
        """CMAC that begins with the session's IV instead of zeros, which it replaces."""
        if len(data) >= BLOCK:  # CBC adds the IV to the first block
            mac = CMAC(_cipher(self._key))
            mac.update(xor(data[:BLOCK], self.iv) + data[BLOCK:])
            self.iv = mac.finalize()
        else:
            self.iv = self._short_cmac(data)
        return self.iv

    def _short_cmac(self, data: bytes) -> bytes:
        """Of less than a block: the library pads by itself, so the IV must enter after the padding."""
        subkey = _double(_double(_cbc(self._key, ZERO_IV, bytes(BLOCK))))
        padded = data + b"\x80" + bytes(BLOCK - 1 - len(data))
        return _cbc(self._key, ZERO_IV, xor(xor(padded, subkey), self.iv))

    def encrypt(self, cmd: int, header: bytes, data: bytes) -> bytes:
        """Header and encrypted data of a command. The CRC32 covers the command byte and the header too."""
        checked = _crc(bytes([cmd]) + header + data)
        plain = data + checked
        sealed = _cbc(self._key, self.iv, plain + bytes(-len(plain) % BLOCK))
        self.iv = sealed[-BLOCK:]
        return header + sealed

    def open(self, answer: bytes, status: int = apdu.OK) -> bytes:
        """Check an answer's CMAC -> its data."""
        data, mac = answer[:-BLOCK], answer[-BLOCK:]
        if not same(self._cmac(data + bytes([status])), mac):
            raise CardError("MAC of the card's answer is wrong")
        return data

    def exchange(self, cmd: int, body: bytes = b"") -> Generator[bytes, bytes, bytes]:
        """Procedure: a command that travels plain -> its answer's data."""
        self._cmac(bytes([cmd]) + body)
        return self.open((yield from apdu.exchange(cmd, body)))

    def exchange_encrypted(self, cmd: int, header: bytes, data: bytes) -> Generator[bytes, bytes, bytes]:
        """Procedure: a command whose data is encrypted -> its answer's data."""
        return self.open((yield from apdu.exchange(cmd, self.encrypt(cmd, header, data))))


def authenticate(key_no: int, key: bytes, rnd_a: bytes) -> Generator[bytes, bytes, Session]:
    """Procedure: 1A with a 2K3DES key of 16 bytes and 8 random bytes -> Session."""
    status, challenge = apdu.unwrap((yield apdu.wrap(AUTHENTICATE, bytes([key_no]))))
    if status != apdu.MORE or len(challenge) != BLOCK:
        raise CardError(f"card refused authentication with status {status:02X}", status)
    rnd_b = _cbc(key, ZERO_IV, challenge, decrypt=True)
    response = _cbc(key, challenge, rnd_a + rnd_b[1:] + rnd_b[:1])
    status, final = apdu.unwrap((yield apdu.wrap(apdu.MORE, response)))
    if status != apdu.OK or len(final) != BLOCK:
        raise CardError(f"card does not accept our key: status {status:02X}", status)
    if not same(_cbc(key, response[-BLOCK:], final, decrypt=True), rnd_a[1:] + rnd_a[:1]):
        raise CardError("card does not hold our key")
    return Session(session_key(key, rnd_a, rnd_b))


def change_own_key(session: Session, key_no: int, new: bytes, version: int) -> Generator[bytes, bytes, None]:
    """Procedure: ChangeKey of the session's own key to an AES key of 16 bytes; the session ends, unMACed.

    Of the card's master key key_no carries 80 for AES.
    """
    change_key = 0xC4
    body = session.encrypt(change_key, bytes([key_no]), new + bytes([version]))
    yield from apdu.exchange(change_key, body)


def _double(block: bytes) -> bytes:
    """Multiply by x in GF(2^64): the CMAC subkey step of SP 800-38B for blocks of 8."""
    number = int.from_bytes(block, "big") << 1
    return ((number & (1 << 64) - 1) ^ (0x1B if number >> 64 else 0)).to_bytes(BLOCK, "big")


def _crc(data: bytes) -> bytes:
    """CRC32 without its final complement, least significant byte first."""
    return (crc32(data) ^ 0xFFFF_FFFF).to_bytes(4, "little")
