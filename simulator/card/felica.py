"""A FeliCa card as a membership card: an IDm that everybody reads, and no more than that (JIS X 6319-4).

It answers polling, Request Response and Request System Code; blocks and keys are not modelled.
"""

from collections.abc import Mapping
from typing import Any, Final

from simulator.card.contactless import ContactlessCard, Technology

_POLLING, _REQUEST_RESPONSE, _REQUEST_SYSTEM_CODE = 0x00, 0x04, 0x0C
_ANY: Final = 0xFF
_SYSTEM_CODE_ASKED: Final = 0x01
PMM: Final = bytes.fromhex("00F1000000014300")


class FelicaCard(ContactlessCard):
    """`uid` is the IDm; system_code: two bytes, 88B4 on a FeliCa Lite-S."""

    technology = Technology.F

    def __init__(self, uid: bytes, system_code: bytes = b"\x88\xb4") -> None:
        super().__init__(uid)
        self.system_code = system_code

    def activate(self) -> None:
        """Nothing to forget."""

    def rf_frame(self, frame: bytes) -> bytes | None:
        """A frame whose first byte is its length, and the answer alike; silence for what it does not know."""
        if len(frame) < 2 or frame[0] != len(frame):
            return None
        command, body = frame[1], frame[2:]
        if command == _POLLING:
            return self._polled(body)
        if body != self.uid:
            return None
        if command == _REQUEST_RESPONSE:
            return _framed(command, self.uid + b"\x00")
        if command == _REQUEST_SYSTEM_CODE:
            return _framed(command, self.uid + b"\x01" + self.system_code)
        return None

    def _polled(self, body: bytes) -> bytes | None:
        if len(body) != 4:
            return None
        wanted = zip(body[:2], self.system_code, strict=True)
        if not all(asked in (_ANY, own) for asked, own in wanted):
            return None
        asked = self.system_code if body[2] == _SYSTEM_CODE_ASKED else b""
        return _framed(_POLLING, self.uid + PMM + asked)

    def exchange(self, apdu: bytes) -> bytes | None:
        return None

    def dump(self) -> dict[str, Any]:
        return {"kind": "felica", "uid": self.uid.hex(), "system_code": self.system_code.hex()}

    @classmethod
    def load(cls, content: Mapping[str, Any]) -> "FelicaCard":
        """Undoes `dump`; raises KeyError, TypeError or ValueError on anything else."""
        code = bytes.fromhex(content["system_code"])
        if len(code) != 2:
            raise ValueError("a system code has two bytes")
        return cls(bytes.fromhex(content["uid"]), code)


def _framed(command: int, body: bytes) -> bytes:
    return bytes([2 + len(body), command + 1]) + body
