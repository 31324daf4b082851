"""Keys, their kinds and what each kind implies.

| kind | in CreateApplication, ChangeKey | bytes | challenge | authenticates by |
|---|---|---|---|---|
| 2K3DES | 00 | 16 | 8 | 0A (D40), 1A (EV1) |
| 3K3DES | 40 | 24 | 16 | 1A |
| AES | 80 | 16 | 16 | AA (EV1), 71 and 77 (EV2) |

A DES key is a 2K3DES key with two equal halves. The lowest bits of a key's first eight bytes are its version,
but an AES key has that apart.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from simulator.card import ciphers
from simulator.card.ciphers import BlockCipher


@dataclass(frozen=True)
class Kind:
    """A row of the table above."""

    name: str
    code: int
    size_bytes: int
    challenge_bytes: int
    cipher: Callable[[bytes], BlockCipher]


DES2: Final = Kind("2K3DES", 0x00, 16, 8, ciphers.des)
DES3: Final = Kind("3K3DES", 0x40, 24, 16, ciphers.des)
AES: Final = Kind("AES", 0x80, 16, 16, ciphers.aes)
KINDS: Final = {kind.name: kind for kind in (DES2, DES3, AES)}
KINDS_BY_CODE: Final = {kind.code: kind for kind in KINDS.values()}


@dataclass
class Key:
    """A value and a version, 0-255. A DES key's version is read from its bits, whatever is given."""

    value: bytes = bytes(16)
    version: int = 0
    kind: Kind = AES

    def __post_init__(self) -> None:
        if len(self.value) != self.kind.size_bytes:
            raise ValueError(f"a key of kind {self.kind.name} has {self.kind.size_bytes} bytes")
        if self.kind is not AES:
            self.version = int("".join(str(byte & 1) for byte in self.value[:8]), 2)

    def cipher(self) -> BlockCipher:
        return self.kind.cipher(self.value)

    def session_cipher(self, rnd_a: bytes, rnd_b: bytes) -> BlockCipher:
        """The session key of D40 and EV1 messaging, from pieces of both challenges."""
        if self.kind is DES2 and self.value[:8] == self.value[8:]:
            pieces = [slice(0, 4)]
        elif self.kind is DES2:
            pieces = [slice(0, 4), slice(4, 8)]
        elif self.kind is DES3:
            pieces = [slice(0, 4), slice(6, 10), slice(12, 16)]
        else:
            pieces = [slice(0, 4), slice(12, 16)]
        return self.kind.cipher(b"".join(rnd_a[piece] + rnd_b[piece] for piece in pieces))

    def to_json(self) -> dict[str, Any]:
        return {"value": self.value.hex(), "version": self.version, "kind": self.kind.name}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Key":
        """Undoes `to_json`; also reads keys of card files that had `aes`, true or false, for the kind."""
        name = content["kind"] if "kind" in content else "AES" if content["aes"] else "2K3DES"
        return cls(bytes.fromhex(content["value"]), content["version"], KINDS[name])


def blank(kind: Kind) -> Key:
    """The key of that kind that is all zeros."""
    return Key(bytes(kind.size_bytes), 0, kind)
