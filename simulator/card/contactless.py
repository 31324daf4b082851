"""What a reader's field sees of any card: how it is found, its frames, and whether it is there at all.

A card of type A (ISO 14443-3) is found by its ATQA, SAK and UID, and `activate` is its selection. A card of
type F (FeliCa, JIS X 6319-4) is found by a polling frame that reaches `rf_frame` like any other: its frames
begin with their length byte, so that `06 00 FFFF 00 00` is answered by `12 01 IDm PMm`, or by silence where
the system code is another. Its `uid` is the IDm.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from enum import Enum
from typing import Any, Final

GoneListener = Callable[[str], None]


class Technology(Enum):
    """How a card talks."""

    A = "A"
    F = "F"


_UID_BYTES: Final = {Technology.A: (4, 7, 10), Technology.F: (8,)}


class ContactlessCard(ABC):
    """`atqa`, of type A only, is in the order in which the PN532 reports SENS_RES (high byte first)."""

    technology = Technology.A
    atqa = b""
    sak = 0

    def __init__(self, uid: bytes) -> None:
        allowed = _UID_BYTES[self.technology]
        if len(uid) not in allowed:
            lengths = " or ".join(map(str, allowed))
            kind = f"type {self.technology.value}"
            raise ValueError(f"the UID of a {kind} card has {lengths} bytes, not {len(uid)}")
        self.uid = uid
        self.in_field = False
        self.on_gone: GoneListener | None = None

    @property
    def iso_dep(self) -> bool:
        """Whether the card speaks ISO 14443-4 (SAK bit 6)."""
        return bool(self.sak & 0x20)

    @property
    def rf_uid(self) -> bytes:
        """The UID that a reader finds: `uid`, unless the card gives itself another at every power-on."""
        return self.uid

    def enter_field(self) -> None:
        self.in_field = True
        self.activate()

    def leave_field(self) -> None:
        self.in_field = False

    def gone(self, why: str) -> None:
        """The card leaves by itself; the field is told."""
        self.leave_field()
        if self.on_gone is not None:
            self.on_gone(why)

    @abstractmethod
    def activate(self) -> None:
        """The reader selected the card, or its field came back: any earlier session is over."""

    @abstractmethod
    def rf_frame(self, frame: bytes) -> bytes | None:
        """One frame, of type A only after selection, without CRC; None is silence."""

    @abstractmethod
    def exchange(self, apdu: bytes) -> bytes | None:
        """One APDU, as a PC/SC slot sends it; None when the card has left or has no such layer."""

    def delivered(self) -> None:  # noqa: B027 - most cards have nothing to do then
        """The answer to the last APDU reached the reader completely."""

    @abstractmethod
    def dump(self) -> dict[str, Any]:
        """What outlives the field, as JSON."""
