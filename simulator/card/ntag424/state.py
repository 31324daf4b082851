"""What outlives the field: keys, the three files with their settings, and their JSON form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from simulator.card.ntag424.settings import Sdm

CC, NDEF, PROPRIETARY = 1, 2, 3
FREE, NEVER = 0xE, 0xF
KEY_COUNT: Final = 5
COUNTER_MAX: Final = 0xFF_FFFF
# Data sheet 8.2.3: what the files hold when the chip leaves the factory.
_CC: Final = bytes.fromhex("001720010000FF0406E104010000000506E10500808283")


@dataclass
class Key:
    """Sixteen bytes and a version."""

    value: bytes = bytes(16)
    version: int = 0


@dataclass
class File:
    """comm: 0 plain, 1 MAC, 3 full. rights: read, write, both, change: a key, FREE or NEVER."""

    iso_id: int
    content: bytes
    comm: int
    rights: tuple[int, int, int, int]
    sdm: Sdm | None = None
    counter: int = 0

    @property
    def settings(self) -> bytes:
        """As GetFileSettings shows them after the file's type."""
        read, write, both, change = self.rights
        option = self.comm | (0x40 if self.sdm else 0)
        size = len(self.content).to_bytes(3, "little")
        shown = bytes([option, both << 4 | change, read << 4 | write]) + size
        return shown + (self.sdm.encoded if self.sdm else b"")


def _factory_files() -> dict[int, File]:
    return {
        CC: File(0xE103, _CC.ljust(32, b"\x00"), 0, (FREE, 0, 0, 0)),
        NDEF: File(0xE104, bytes(256), 0, (FREE, FREE, FREE, 0)),
        PROPRIETARY: File(0xE105, b"\x00\x7e".ljust(128, b"\x00"), 3, (2, 3, 3, 0)),
    }


@dataclass
class TagState:
    """The chip's memory; a new one is as the factory leaves it."""

    uid: bytes
    keys: list[Key] = field(default_factory=lambda: [Key() for _ in range(KEY_COUNT)])
    files: dict[int, File] = field(default_factory=_factory_files)

    def to_json(self) -> dict[str, Any]:
        keys = [{"value": key.value.hex(), "version": key.version} for key in self.keys]
        files = {
            str(number): {
                "iso_id": file.iso_id,
                "content": file.content.hex(),
                "comm": file.comm,
                "rights": list(file.rights),
                "sdm": file.sdm.encoded.hex() if file.sdm else None,
                "counter": file.counter,
            }
            for number, file in self.files.items()
        }
        return {"uid": self.uid.hex(), "keys": keys, "files": files}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "TagState":
        """Undoes `to_json`; raises KeyError, TypeError or ValueError on anything else."""
        keys = [Key(bytes.fromhex(key["value"]), key["version"]) for key in content["keys"]]
        files = {int(number): _file(file) for number, file in content["files"].items()}
        if len(keys) != KEY_COUNT or set(files) != {CC, NDEF, PROPRIETARY}:
            raise ValueError("an NTAG 424 DNA has five keys and three files")
        return cls(bytes.fromhex(content["uid"]), keys, files)


def _file(content: Mapping[str, Any]) -> File:
    read, write, both, change = content["rights"]
    stored = bytes.fromhex(content["content"])
    sdm = None
    if content["sdm"] is not None:
        sdm = Sdm.decode(bytes.fromhex(content["sdm"]), len(stored))
        if sdm is None:
            raise ValueError("settings of Secure Dynamic Messaging that no card has")
    return File(
        content["iso_id"], stored, content["comm"], (read, write, both, change), sdm, content["counter"]
    )
