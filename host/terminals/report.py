"""A report of a kiosk."""

import hashlib
from typing import Any

from host.terminals.kiosks import Kiosk


class Report:
    """One authentic message of a kiosk, most often a report. Never changed; a plain class: quick to make.

    values are the fields by name, encoded is the content that its number stands for, [kind, body] in CBOR,
    and digest is its SHA-256.
    """

    __slots__ = ("counter", "digest", "encoded", "epoch", "kind", "kiosk", "values")

    def __init__(
        self, kiosk: Kiosk, epoch: int, counter: int, kind: int, values: dict[str, Any], encoded: bytes
    ) -> None:
        self.kiosk = kiosk
        self.epoch = epoch
        self.counter = counter
        self.kind = kind
        self.values = values
        self.encoded = encoded
        self.digest = hashlib.sha256(encoded).digest()

    @property
    def name(self) -> str:
        """K1 1.7, as people see it."""
        return f"{self.kiosk.name} {self.epoch}.{self.counter}"
