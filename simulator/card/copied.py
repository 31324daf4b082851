"""A copy of a card, made by somebody who has none of its keys: its UID, its ATS, and what it said to others.

To a command that was heard it gives the answers that were heard, in their order, and the last one from then
on; to another command of the same instruction, what was said to that; else that it does not know it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from simulator.card.contactless import ContactlessCard
from simulator.card.iso14443 import ATS, IsoDep

Heard = tuple[bytes, bytes]  # an APDU and its answer
_UNKNOWN_NATIVE = b"\x91\x1c"
_UNKNOWN = b"\x6d\x00"


class CopiedCard(ContactlessCard):
    """heard: in the order in which it was. Cards that speak ISO 14443-4 only; others are all UID."""

    atqa = b"\x03\x44"
    sak = 0x20

    def __init__(self, uid: bytes, ats: bytes = ATS, heard: Iterable[Heard] = ()) -> None:
        super().__init__(uid)
        self._ats = ats
        self._heard = list(heard)
        self._given: dict[bytes, int] = {}  # how often a command was answered
        self._iso_dep = IsoDep(self.exchange, self.delivered)

    def activate(self) -> None:
        self._iso_dep.reset()
        self._iso_dep.ats = self._ats

    def rf_frame(self, frame: bytes) -> bytes | None:
        return self._iso_dep.frame(frame) if self.in_field else None

    def exchange(self, apdu: bytes) -> bytes | None:
        if not self.in_field:
            return None
        same = [answer for asked, answer in self._heard if asked == apdu]
        if same:
            given = self._given.get(apdu, 0)
            self._given[apdu] = given + 1
            return same[min(given, len(same) - 1)]
        alike = [answer for asked, answer in self._heard if asked[:2] == apdu[:2]]
        if alike:
            return alike[-1]
        return _UNKNOWN_NATIVE if apdu[:1] == b"\x90" else _UNKNOWN

    def dump(self) -> dict[str, Any]:
        heard = [[asked.hex(), answer.hex()] for asked, answer in self._heard]
        return {"kind": "copied", "uid": self.uid.hex(), "ats": self._ats.hex(), "heard": heard}

    @classmethod
    def load(cls, content: Mapping[str, Any]) -> "CopiedCard":
        """Undoes `dump`; raises KeyError, TypeError or ValueError on anything else."""
        heard = [(bytes.fromhex(asked), bytes.fromhex(answer)) for asked, answer in content["heard"]]
        return cls(bytes.fromhex(content["uid"]), bytes.fromhex(content["ats"]), heard)
