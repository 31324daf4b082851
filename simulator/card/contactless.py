"""What a reader's field sees of any card: ISO 14443-3 answers, frames, and whether it is there at all."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

GoneListener = Callable[[str], None]


class ContactlessCard(ABC):
    """A type A card. `atqa` is in the order in which the PN532 reports SENS_RES (high byte first)."""

    atqa: bytes
    sak: int

    def __init__(self, uid: bytes) -> None:
        if len(uid) not in (4, 7):
            raise ValueError(f"a UID has 4 or 7 bytes, not {len(uid)}")
        self.uid = uid
        self.in_field = False
        self.on_gone: GoneListener | None = None

    @property
    def iso_dep(self) -> bool:
        """Whether the card speaks ISO 14443-4 (SAK bit 6)."""
        return bool(self.sak & 0x20)

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
        """The reader selected the card: any earlier session is over."""

    @abstractmethod
    def rf_frame(self, frame: bytes) -> bytes | None:
        """One frame after selection, without CRC; None is silence."""

    @abstractmethod
    def exchange(self, apdu: bytes) -> bytes | None:
        """One APDU, as a PC/SC slot sends it; None when the card has left or has no such layer."""

    def delivered(self) -> None:  # noqa: B027 - most cards have nothing to do then
        """The answer to the last APDU reached the reader completely."""

    @abstractmethod
    def dump(self) -> dict[str, Any]:
        """What outlives the field, as JSON."""
