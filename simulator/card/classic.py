"""A MIFARE Classic 1K as a purse kiosk meets it: a UID, and nothing that the kiosk understands."""

from collections.abc import Mapping
from typing import Any

from simulator.card.contactless import ContactlessCard


class ClassicCard(ContactlessCard):
    """SAK 08, no ISO 14443-4. Sector authentication is not modelled: the card stays silent."""

    atqa = b"\x00\x04"
    sak = 0x08

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
