"""DESFire EV2 secure messaging, the reader's side: authentication, MAC and encryption of commands.

    71 key LenCap -> E(RndB)     AF E(RndA | RndB') -> E(TI | RndA' | PDcap2 | PCDcap2)
    session keys   CMAC(K, SV1), CMAC(K, SV2) with SV from RndA and RndB
    command MAC    cmd | counter | TI | header | data        reply MAC  RC | counter + 1 | TI | data
Source: NXP AN12343 (public), chapters 3 and 7. The command counter starts at 0 and is the two bytes LE.
"""

from protocol import aes
from protocol.card import apdu
from protocol.card.apdu import CardError
from protocol.card.layout import COMM_FULL, COMM_MAC, COMM_PLAIN
from protocol.same import same

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from collections.abc import Generator


def session_keys(key: bytes, rnd_a: bytes, rnd_b: bytes) -> tuple[bytes, bytes]:
    """(encryption key, MAC key) of a session; AN12343 table 16."""
    mixed = rnd_a[:2] + aes.xor(rnd_a[2:8], rnd_b[:6]) + rnd_b[6:] + rnd_a[8:]
    tail = b"\x00\x01\x00\x80" + mixed
    return aes.cmac(key, b"\xa5\x5a" + tail), aes.cmac(key, b"\x5a\xa5" + tail)


def answer_challenge(key: bytes, challenge: bytes, rnd_a: bytes) -> tuple[bytes, bytes]:
    """The card's E(RndB) -> (our answer of 32 bytes, RndB)."""
    rnd_b = aes.decrypt_cbc(key, aes.ZERO_IV, challenge)
    return aes.encrypt_cbc(key, aes.ZERO_IV, rnd_a + rnd_b[1:] + rnd_b[:1]), rnd_b


def open_final(key: bytes, final: bytes, rnd_a: bytes) -> bytes:
    """The card's last frame (32 bytes) -> TI; CardError when the card did not know the key."""
    plain = aes.decrypt_cbc(key, aes.ZERO_IV, final)
    if not same(plain[4:20], rnd_a[1:] + rnd_a[:1]):
        raise CardError("card does not hold our key")
    return plain[:4]


class Session:
    """Keys, transaction identifier and counter after an authentication."""

    def __init__(self, ti: bytes, enc_key: bytes, mac_key: bytes, counter: int = 0) -> None:
        self.ti = ti
        self.enc_key = enc_key
        self.mac_key = mac_key
        self.counter = counter

    def tag(self, first: int, counter: int, data: bytes) -> bytes:
        """MAC over first byte (command or status), counter, TI and data -> 8 bytes."""
        return aes.cmac8(self.mac_key, bytes([first]) + counter.to_bytes(2, "little") + self.ti + data)

    def _iv(self, label: bytes, counter: int) -> bytes:
        block = label + self.ti + counter.to_bytes(2, "little") + bytes(8)
        return aes.encrypt_block(self.enc_key, block)

    def encrypt(self, data: bytes, to_card: bool, counter: int) -> bytes:
        """Padded and encrypted data of one direction; empty stays empty."""
        if not data:
            return b""
        label = b"\xa5\x5a" if to_card else b"\x5a\xa5"
        return aes.encrypt_cbc(self.enc_key, self._iv(label, counter), aes.pad80(data))

    def decrypt(self, data: bytes, to_card: bool, counter: int) -> bytes:
        """The inverse of encrypt; CardError on bad length or padding."""
        if not data:
            return b""
        if len(data) % 16:
            raise CardError("encrypted data is no multiple of 16 bytes")
        label = b"\xa5\x5a" if to_card else b"\x5a\xa5"
        plain = aes.decrypt_cbc(self.enc_key, self._iv(label, counter), data)
        end = len(plain) - 1
        while end > 0 and plain[end] == 0:
            end -= 1
        if plain[end] != 0x80 or len(plain) - end > 16:
            raise CardError("padding of decrypted data is wrong")
        return plain[:end]

    def command(self, cmd: int, header: bytes = b"", data: bytes = b"", comm: int = COMM_MAC) -> bytes:
        """Body of a command (without its command byte) in the given communication mode."""
        if comm == COMM_PLAIN:
            return header + data
        if comm == COMM_FULL:
            data = self.encrypt(data, True, self.counter)
        return header + data + self.tag(cmd, self.counter, header + data)

    def reply(self, data: bytes, comm: int = COMM_MAC, status: int = apdu.OK) -> bytes:
        """Check and open the card's answer to the last command; raises the counter."""
        self.counter += 1
        if comm == COMM_PLAIN:
            return data
        payload, tag = data[:-8], data[-8:]
        if not same(tag, self.tag(status, self.counter, payload)):
            raise CardError("MAC of the card's answer is wrong")
        if comm == COMM_FULL:
            return self.decrypt(payload, False, self.counter)
        return payload

    def exchange(
        self,
        cmd: int,
        header: bytes = b"",
        data: bytes = b"",
        comm: int = COMM_MAC,
        reply_comm: int | None = None,
    ) -> "Generator[bytes, bytes, bytes]":
        """Procedure: one command under secure messaging -> the opened answer.

        reply_comm is the answer's mode where it differs: DESFire MACs the answer of a full-mode
        command that returns nothing.
        """
        answer = yield from apdu.exchange(cmd, self.command(cmd, header, data, comm))
        return self.reply(answer, comm if reply_comm is None else reply_comm)


def authenticate(key_no: int, key: bytes, rnd_a: bytes) -> "Generator[bytes, bytes, Session]":
    """Procedure: AuthenticateEV2First with 16 fresh random bytes -> Session."""
    status, challenge = apdu.unwrap((yield apdu.wrap(0x71, bytes([key_no, 0]))))
    if status != apdu.MORE or len(challenge) != 16:
        raise CardError("card refused authentication with status %02X" % status, status)
    response, rnd_b = answer_challenge(key, challenge, rnd_a)
    status, final = apdu.unwrap((yield apdu.wrap(apdu.MORE, response)))
    if status != apdu.OK or len(final) != 32:
        raise CardError("card does not accept our key: status %02X" % status, status)
    ti = open_final(key, final, rnd_a)
    enc_key, mac_key = session_keys(key, rnd_a, rnd_b)
    return Session(ti, enc_key, mac_key)


def change_key_data(new: bytes, version: int, old: bytes | None) -> bytes:
    """Plain data of ChangeKey: with `old`, the form for another key than the authenticated one.

    AN12343 7.5: (new xor old) | version | CRC32(new), the CRC without its final complement, LE.
    """
    if old is None:
        return new + bytes([version])
    from binascii import crc32

    crc = (crc32(new) ^ 0xFFFF_FFFF) & 0xFFFF_FFFF
    return aes.xor(new, old) + bytes([version]) + crc.to_bytes(4, "little")
