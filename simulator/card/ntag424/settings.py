"""Settings of Secure Dynamic Messaging, as ChangeFileSettings takes and GetFileSettings shows them (10.7.1).

options | rights 2 | [UID offset] [counter offset] or [PICC data offset] | [MAC input offset]
[encrypted part: offset, length] [MAC offset] | [counter limit]; each is three bytes, LSB first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

UID, COUNTER, LIMIT, ENCRYPT, ASCII = 0x80, 0x40, 0x20, 0x10, 0x01
FREE, NEVER, KEY_MAX = 0xE, 0xF, 4
UID_CHARACTERS, COUNTER_CHARACTERS, PICC_CHARACTERS, MAC_CHARACTERS = 14, 6, 32, 16
NOT_MIRRORED: Final = 0xFF_FFFF
_BLOCK_CHARACTERS: Final = 32
_KNOWN: Final = UID | COUNTER | LIMIT | ENCRYPT | ASCII


@dataclass(frozen=True)
class Sdm:
    """None where a part is not used. Keys: meta, file and counter are a key number, FREE or NEVER."""

    options: int
    meta: int
    file: int
    counter: int
    uid_at: int | None = None
    counter_at: int | None = None
    picc_at: int | None = None
    input_from: int | None = None
    encrypted_at: int | None = None
    encrypted_length: int | None = None
    mac_at: int | None = None
    limit: int | None = None
    encoded: bytes = b""

    @property
    def uid_mirrored(self) -> bool:
        return bool(self.options & UID)

    @property
    def counter_mirrored(self) -> bool:
        return bool(self.options & COUNTER)

    @classmethod
    def decode(cls, data: bytes, size: int) -> "Sdm | None":
        """From what ChangeFileSettings carries for a file of this size; None when no card takes it."""
        if len(data) < 3 or data[0] & ~_KNOWN or not data[0] & ASCII:
            return None
        options, meta, file, counter = data[0], data[2] >> 4, data[2] & 0xF, data[1] & 0xF
        if data[1] >> 4 != 0xF or not all(_may_be(right) for right in (meta, file, counter)) or file == FREE:
            return None
        names = _parts(options, meta, file)
        if len(data) != 3 + 3 * len(names):
            return None
        read = {
            name: int.from_bytes(data[at : at + 3], "little")
            for name, at in zip(names, range(3, len(data), 3), strict=True)
        }
        made = cls(options, meta, file, counter, encoded=data, **read)
        return made if made._fits(size) else None

    def _fits(self, size: int) -> bool:
        """Whether everything mirrored lies inside the file, apart from each other and in the order asked."""
        spans = sorted(self._spans())
        if any(end > size for _, end in spans):
            return False
        if any(one[1] > other[0] for one, other in pairwise(spans)):
            return False
        if self.encrypted_length is not None and (
            not self.encrypted_length
            or self.encrypted_length % _BLOCK_CHARACTERS
            or not (self.uid_mirrored and self.counter_mirrored)
        ):
            return False
        if self.mac_at is None or self.input_from is None:
            return True
        if self.input_from > self.mac_at:
            return False
        if self.encrypted_at is None or self.encrypted_length is None:
            return True
        return (
            self.input_from <= self.encrypted_at and self.encrypted_at + self.encrypted_length <= self.mac_at
        )

    def _spans(self) -> Iterator[tuple[int, int]]:
        for at, length in (
            (self.uid_at, UID_CHARACTERS),
            (self.counter_at, COUNTER_CHARACTERS),
            (self.picc_at, PICC_CHARACTERS),
            (self.encrypted_at, self.encrypted_length or 0),
            (self.mac_at, MAC_CHARACTERS),
        ):
            if at is not None and not (at == NOT_MIRRORED and length == COUNTER_CHARACTERS):
                yield at, at + length


def _may_be(right: int) -> bool:
    return right <= KEY_MAX or right in (FREE, NEVER)


def _parts(options: int, meta: int, file: int) -> list[str]:
    """What follows options and rights."""
    names = []
    if meta == FREE:
        names += ["uid_at"] if options & UID else []
        names += ["counter_at"] if options & COUNTER else []
    elif meta <= KEY_MAX:
        names.append("picc_at")
    if file <= KEY_MAX:
        names.append("input_from")
        names += ["encrypted_at", "encrypted_length"] if options & ENCRYPT else []
        names.append("mac_at")
    if options & LIMIT:
        names.append("limit")
    return names
