"""Who may do what with a file."""

from dataclasses import dataclass
from typing import Final

FREE: Final = 0xE
NEVER: Final = 0xF


@dataclass(frozen=True)
class Rights:
    """A key number, FREE or NEVER for each of the four rights. On the wire two bytes, LSB first."""

    read: int
    write: int
    read_write: int
    change: int

    @classmethod
    def decode(cls, two_bytes: bytes) -> "Rights":
        low, high = two_bytes
        return cls(high >> 4, high & 0xF, low >> 4, low & 0xF)

    def encode(self) -> bytes:
        return bytes([self.read_write << 4 | self.change, self.read << 4 | self.write])
