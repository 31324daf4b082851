"""A MIFARE Classic 1K as a kiosk meets it: a UID of 4, 7 or 10 bytes, and nothing else that it reads."""

from collections.abc import Mapping
from typing import Any, Final

from simulator.card.contactless import ContactlessCard

_UID_SIZES: Final = {4: 0, 7: 1, 10: 2}


class ClassicCard(ContactlessCard):
    """SAK 08, no ISO 14443-4. Sector authentication is not modelled: the card stays silent."""

    sak = 0x08

    @property
    def atqa(self) -> bytes:  # type: ignore[override]  # a constant elsewhere
        """Its bits 7 and 8 say how long the UID is (ISO 14443-3 table 3)."""
        return bytes([0x00, 0x04 | _UID_SIZES[len(self.uid)] << 6])

    def activate(self) -> None:
        """Nothing to forget: no state is kept between selections."""

    def rf_frame(self, frame: bytes) -> bytes | None:
        return None

    def exchange(self, apdu: bytes) -> bytes | None:
        return None

    def dump(self) -> dict[str, Any]:
        return {"kind": "classic", "uid": self.uid.hex()}

    @classmethod
    def load(cls, content: Mapping[str, Any]) -> "ClassicCard":
        return cls(bytes.fromhex(content["uid"]))
