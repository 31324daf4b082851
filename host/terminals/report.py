"""A report of a kiosk."""

import hashlib
from dataclasses import dataclass
from typing import Any

from host.terminals.kiosks import Kiosk
from protocol.wire import cbor, messages


@dataclass(frozen=True)
class Report:
    """One authentic message of a kiosk, most often a report; `values` are the fields by name."""

    kiosk: Kiosk
    epoch: int
    counter: int
    kind: int
    body: dict[int, Any]

    @property
    def values(self) -> dict[str, Any]:
        """{name: value} of the message table."""
        return messages.fields(self.kind, self.body)

    @property
    def encoded(self) -> bytes:
        """The content that its number stands for."""
        return cbor.encode([self.kind, self.body])

    @property
    def name(self) -> str:
        """K1 1.7, as people see it."""
        return f"{self.kiosk.name} {self.epoch}.{self.counter}"

    @property
    def digest(self) -> bytes:
        """SHA-256 of the content."""
        return hashlib.sha256(self.encoded).digest()
