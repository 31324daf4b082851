"""A report of a kiosk."""

from hashlib import sha256
from typing import Any

from host.terminals.fleet.kiosks import READER, Kiosk
from protocol.wire import messages


class Report:
    """One authentic message of a kiosk, most often a report. Never changed; a plain class: quick to make.

    values are the fields by name, encoded is the content that its number stands for, [kind, body] in CBOR,
    and digest is its SHA-256. told: what values holds, in the order of `names`; values is made from them when
    somebody asks for it. proven: with which version of its card's keys host.terminals.intake.prover found the
    Transaction MAC right; 0: it could not say, None: it was not asked.
    """

    __slots__ = (
        *("_values", "counter", "digest", "encoded", "epoch", "kind", "kiosk", "names", "proven", "told"),
    )

    def __init__(
        self,
        kiosk: Kiosk,
        epoch: int,
        counter: int,
        kind: int,
        names: tuple[str, ...],
        told: tuple[Any, ...],
        encoded: bytes,
        digest: bytes | None = None,
        proven: int | None = None,
    ) -> None:
        self.kiosk = kiosk
        self.epoch = epoch
        self.counter = counter
        self.kind = kind
        self.names = names
        self.told = told
        self.encoded = encoded
        self.digest = digest or sha256(encoded).digest()
        self.proven = proven
        self._values: dict[str, Any] | None = None

    @property
    def values(self) -> dict[str, Any]:
        """{field: value}"""
        if self._values is None:
            self._values = dict(zip(self.names, self.told, strict=True))
        return self._values

    @property
    def by_reader(self) -> bool:
        """Is it a desk reader's, which holds no key that a card would pay to? Its hello alone counts."""
        return self.kiosk.kind == READER and self.kind != messages.HELLO

    @property
    def name(self) -> str:
        """K1 1.7, as people see it."""
        return f"{self.kiosk.name} {self.epoch}.{self.counter}"
