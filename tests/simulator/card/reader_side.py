"""The reader's side of each messaging, for tests of the card: a line shared with the card would hide faults.

`body` is what follows the header of a command; `open` takes an answer's data apart and asserts what secures
them.
"""

from binascii import crc32
from collections.abc import Callable
from random import Random

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.simulator.card.terminal import Terminal

Exchange = Callable[[bytes], bytes | None]
COMMANDS = {"2K3DES": 0x1A, "3K3DES": 0x1A, "AES": 0xAA}


def cbc(kind: str, key: bytes, iv: bytes, data: bytes, encrypt: bool = True) -> bytes:
    algorithm = algorithms.AES(key) if kind == "AES" else TripleDES((key * 3)[:24])
    cipher = Cipher(algorithm, modes.CBC(iv))
    worker = cipher.encryptor() if encrypt else cipher.decryptor()
    return worker.update(data) + worker.finalize()


def xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def crc_a(data: bytes) -> bytes:
    """Bit by bit, as ISO 14443-3 draws it."""
    register = 0x6363
    for byte in data:
        for bit in range(8):
            out = (register ^ byte >> bit) & 1
            register = register >> 1 ^ (0x8408 if out else 0)
    return register.to_bytes(2, "little")


def crc_32(data: bytes) -> bytes:
    return (0xFFFFFFFF - crc32(data)).to_bytes(4, "little")


def fill(data: bytes, block: int) -> bytes:
    return data + bytes(-len(data) % block)


class Reader:
    """No messaging at all."""

    name = "plain"

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange

    def frame(self, cmd: int, data: bytes = b"") -> tuple[int, bytes]:
        answer = self.exchange(bytes([cmd]) + data)
        assert answer is not None
        return answer[0], answer[1:]

    def whole(self, cmd: int, data: bytes = b"") -> tuple[int, bytes]:
        """With AF for what follows."""
        status, got = self.frame(cmd, data)
        while status == 0xAF and cmd not in (0x3D, 0x3B, 0xDB):
            status, more = self.frame(0xAF)
            got += more
        return status, got

    def authenticate(self, key_no: int, kind: str, key: bytes) -> None:
        pass

    def body(
        self, cmd: int, header: bytes, data: bytes = b"", mode: str = "command", tail: bytes = b""
    ) -> bytes:
        return data

    def open(self, answer: bytes, mode: str = "command", size: int = 0) -> bytes:
        return answer

    def crc(self, data: bytes) -> bytes:
        return b""

    def ask(
        self, cmd: int, header: bytes = b"", data: bytes = b"", mode: str = "command", size: int = 0
    ) -> bytes:
        """A command and its answer's `size` bytes; the card must say 00."""
        status, got = self.whole(cmd, header + self.body(cmd, header, data, mode))
        assert status == 0, f"{cmd:02X}: {status:02X}"
        return self.open(got, mode, size)


class OldReader(Reader):
    """What D40 and EV1 have in common: a session key of pieces of both random numbers."""

    kind = ""
    key = b""
    block = 8

    def begin(self, kind: str, key: bytes, rnd_a: bytes, rnd_b: bytes) -> None:
        self.kind, self.block = kind, 16 if kind == "AES" else 8
        if kind == "2K3DES":
            parts = [0] if key[:8] == key[8:] else [0, 4]
        else:
            parts = [0, 6, 12] if kind == "3K3DES" else [0, 12]
        self.key = b"".join(rnd_a[at : at + 4] + rnd_b[at : at + 4] for at in parts)


class D40Reader(OldReader):
    name = "D40"

    def authenticate(self, key_no: int, kind: str, key: bytes) -> None:
        rnd_a, zero = Random(key_no).randbytes(8), bytes(8)
        status, challenge = self.frame(0x0A, bytes([key_no]))
        assert status == 0xAF, f"{status:02X}"
        rnd_b = cbc(kind, key, zero, challenge, False)
        first = cbc(kind, key, zero, rnd_a, False)
        second = cbc(kind, key, zero, xor(first, rnd_b[1:] + rnd_b[:1]), False)
        status, proof = self.frame(0xAF, first + second)
        assert status == 0, f"{status:02X}"
        assert cbc(kind, key, zero, proof, False) == rnd_a[1:] + rnd_a[:1]
        self.begin(kind, key, rnd_a, rnd_b)

    def crc(self, data: bytes) -> bytes:
        return crc_a(data)

    def mac(self, data: bytes) -> bytes:
        return cbc(self.kind, self.key, bytes(8), fill(data, 8))[-8:-4]

    def body(
        self, cmd: int, header: bytes, data: bytes = b"", mode: str = "command", tail: bytes = b""
    ) -> bytes:
        if mode == "mac" and data:
            return data + self.mac(data)
        if mode != "full" or not data:
            return data
        return self.sealed(data + crc_a(data) + tail)

    def sealed(self, plain: bytes) -> bytes:
        """Encrypted as it is."""
        plain, before, sent = fill(plain, 8), bytes(8), b""
        for at in range(0, len(plain), 8):
            before = cbc(self.kind, self.key, bytes(8), xor(plain[at : at + 8], before), False)
            sent += before
        return sent

    def open(self, answer: bytes, mode: str = "command", size: int = 0) -> bytes:
        if mode == "mac" and size:
            assert answer[size:] == self.mac(answer[:size])
        if mode == "full" and size:
            plain = cbc(self.kind, self.key, bytes(8), answer, False)
            assert plain == fill(plain[:size] + crc_a(plain[:size]), 8)
            return plain[:size]
        return answer[:size]


class Ev1Reader(OldReader):
    name = "EV1"
    iv = b""

    def authenticate(self, key_no: int, kind: str, key: bytes) -> None:
        block, size = (16, 16) if kind == "AES" else (8, 16 if kind == "3K3DES" else 8)
        rnd_a = Random(key_no).randbytes(size)
        status, challenge = self.frame(COMMANDS[kind], bytes([key_no]))
        assert status == 0xAF, f"{status:02X}"
        rnd_b = cbc(kind, key, bytes(block), challenge, False)
        token = cbc(kind, key, challenge[-block:], rnd_a + rnd_b[1:] + rnd_b[:1])
        status, proof = self.frame(0xAF, token)
        assert status == 0, f"{status:02X}"
        assert cbc(kind, key, token[-block:], proof, False) == rnd_a[1:] + rnd_a[:1]
        self.begin(kind, key, rnd_a, rnd_b)
        self.iv = bytes(block)

    def crc(self, data: bytes) -> bytes:
        return crc_32(data)

    def cmac(self, message: bytes) -> bytes:
        """Moves the IV; the eight bytes that may travel."""
        size = self.block
        bits, constant = 8 * size, 0x87 if size == 16 else 0x1B
        sub = int.from_bytes(cbc(self.kind, self.key, bytes(size), bytes(size)))
        whole = message and len(message) % size == 0
        for _ in range(1 if whole else 2):
            sub = (sub << 1) % (1 << bits) ^ (constant if sub >> bits - 1 else 0)
        padded = message if whole else fill(message + b"\x80", size)
        last = xor(padded[-size:], sub.to_bytes(size))
        self.iv = cbc(self.kind, self.key, self.iv, padded[:-size] + last)[-size:]
        return self.iv[:8]

    def body(
        self, cmd: int, header: bytes, data: bytes = b"", mode: str = "command", tail: bytes = b""
    ) -> bytes:
        message = bytes([cmd]) + header + data
        if mode != "full" or not data:
            mac = self.cmac(message)
            return data + (mac if mode == "mac" and data else b"")
        return self.sealed(data + crc_32(message) + tail)

    def sealed(self, plain: bytes) -> bytes:
        """Encrypted as it is."""
        sent = cbc(self.kind, self.key, self.iv, fill(plain, self.block))
        self.iv = sent[-self.block :]
        return sent

    def open(self, answer: bytes, mode: str = "command", size: int = 0) -> bytes:
        if mode != "full" or not size:
            assert answer[size:] == self.cmac(answer[:size] + b"\x00")
            return answer[:size]
        plain = cbc(self.kind, self.key, self.iv, answer, False)
        self.iv = answer[-self.block :]
        assert plain == fill(plain[:size] + crc_32(plain[:size] + b"\x00"), self.block)
        return plain[:size]


class Ev2Reader(Reader):
    name = "EV2"

    def authenticate(self, key_no: int, kind: str, key: bytes) -> None:
        self.terminal = Terminal(self._wrapped, key_no)
        self.terminal.authenticate(key_no, key)

    def _wrapped(self, apdu: bytes) -> bytes:
        """ISO-wrapped, as Terminal speaks, to native and back."""
        answer = self.exchange(bytes([apdu[1]]) + (apdu[5:-1] if len(apdu) > 5 else b""))
        assert answer is not None
        return answer[1:] + bytes([0x91, answer[0]])

    def crc(self, data: bytes) -> bytes:
        return crc_32(data)

    def body(
        self, cmd: int, header: bytes, data: bytes = b"", mode: str = "command", tail: bytes = b""
    ) -> bytes:
        if mode == "plain":
            return data
        return self.terminal.body(cmd, header, data + tail, full=mode == "full")[len(header) :]

    def open(self, answer: bytes, mode: str = "command", size: int = 0) -> bytes:
        if mode == "plain":
            self.terminal.counter += 1
            return answer
        return self.terminal.open(answer, full=mode == "full")
