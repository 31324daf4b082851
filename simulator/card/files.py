"""The files of an application and their JSON form.

Each class carries its committed content only; what a transaction has changed so far lives in a copy
(`simulator.card.transaction`). In JSON, bytes are hex strings and the key "type" is the DESFire file type.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Final

from simulator.card import status
from simulator.card.messaging import CommMode
from simulator.card.rights import Rights
from simulator.card.status import Refused

LIMITED_CREDIT_ENABLED: Final = 0x01
FREE_GET_VALUE: Final = 0x02

_COMM_MODES: Final = {0: CommMode.PLAIN, 1: CommMode.MAC, 2: CommMode.PLAIN, 3: CommMode.FULL}


@dataclass
class File(ABC):
    """What every file has: its communication byte, its rights, and perhaps an ISO file identifier."""

    type_code: ClassVar[int]
    comm_code: int
    rights: Rights
    iso_id: int | None = field(default=None, kw_only=True)

    @property
    def comm(self) -> CommMode:
        return _COMM_MODES[self.comm_code]

    def settings(self) -> bytes:
        """GetFileSettings without the part that only some types have."""
        return bytes([self.type_code, self.comm_code]) + self.rights.encode()

    @abstractmethod
    def size_bytes(self) -> int:
        """Memory that the file takes, before rounding."""

    def to_json(self) -> dict[str, Any]:
        content = {f.name: _plain(getattr(self, f.name)) for f in fields(self)}
        return {"type": self.type_code, **content}


@dataclass
class DataFile(File):
    """Standard data file: a write is at once what a later read gives."""

    type_code = 0x00
    content: bytes = b""

    def settings(self) -> bytes:
        return super().settings() + len(self.content).to_bytes(3, "little")

    def size_bytes(self) -> int:
        return len(self.content)


@dataclass
class BackupFile(DataFile):
    """Backup data file: a write counts from the next commit."""

    type_code = 0x01

    def size_bytes(self) -> int:
        return 2 * len(self.content)


@dataclass
class ValueFile(File):
    """A signed 32-bit value between two limits; on a purse card the unit is fen."""

    type_code = 0x02
    lower: int = 0
    upper: int = 0
    value: int = 0
    limited_credit: int = 0
    options: int = 0

    def settings(self) -> bytes:
        numbers = (self.lower, self.upper, self.limited_credit)
        return super().settings() + b"".join(signed(n) for n in numbers) + bytes([self.options])

    def size_bytes(self) -> int:
        return 32


@dataclass
class RecordFile(File):
    """Records, oldest first."""

    record_size: int = 0
    max_records: int = 0
    records: list[bytes] = field(default_factory=list)

    def settings(self) -> bytes:
        numbers = (self.record_size, self.max_records, len(self.records))
        return super().settings() + b"".join(n.to_bytes(3, "little") for n in numbers)

    def size_bytes(self) -> int:
        return self.record_size * self.max_records

    @abstractmethod
    def append_empty(self) -> None:
        """Opens a new record; raises Refused(BOUNDARY_ERROR) where there is no room."""


@dataclass
class LinearFile(RecordFile):
    """A record file that is full some day."""

    type_code = 0x03

    def append_empty(self) -> None:
        if len(self.records) >= self.max_records:
            raise Refused(status.BOUNDARY_ERROR)
        self.records = [*self.records, bytes(self.record_size)]


@dataclass
class CyclicFile(RecordFile):
    """Lets go of its oldest record when full. One record is the card's own, so one fewer can be read."""

    type_code = 0x04

    def append_empty(self) -> None:
        self.records = [*self.records, bytes(self.record_size)][-(self.max_records - 1) :]


@dataclass
class TmacFile(File):
    """Transaction MAC file: the key, the counter and the MAC of the last committed transaction."""

    type_code = 0x05
    key: bytes = bytes(16)
    key_version: int = 0
    counter: int = 0
    mac: bytes = bytes(8)

    @property
    def content(self) -> bytes:
        """TMC (4 bytes LE) | TMV (8 bytes), as ReadData gives it."""
        return self.counter.to_bytes(4, "little") + self.mac

    def settings(self) -> bytes:
        return super().settings() + bytes([0x02, self.key_version])

    def size_bytes(self) -> int:
        return 32


_CLASSES: Final[dict[int, type[File]]] = {
    cls.type_code: cls for cls in (DataFile, BackupFile, ValueFile, LinearFile, CyclicFile, TmacFile)
}


def file_from_json(content: Mapping[str, Any]) -> File:
    """Undoes `to_json`; raises KeyError, TypeError or ValueError on anything else."""
    cls = _CLASSES[content["type"]]
    values = dict(content)
    del values["type"]
    values["rights"] = Rights.decode(bytes.fromhex(values["rights"]))
    for name in ("content", "key", "mac"):
        if name in values:
            values[name] = bytes.fromhex(values[name])
    if "records" in values:
        values["records"] = [bytes.fromhex(record) for record in values["records"]]
    return cls(**values)


def check_comm_code(code: int) -> int:
    """The communication byte of a new file; further options are not modelled and so refused."""
    if code not in _COMM_MODES:
        raise Refused(status.PARAMETER_ERROR)
    return code


def signed(number: int) -> bytes:
    """A 32-bit signed number, LSB first."""
    return number.to_bytes(4, "little", signed=True)


def _plain(value: object) -> Any:
    if isinstance(value, Rights):
        return value.encode().hex()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
