"""What outlives the field: applications, keys, files and the commit journal, and their JSON form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from simulator.card.files import AnyFile, file_from_json

PICC: Final = b"\x00\x00\x00"
MEMORY_BYTES: Final = 8192
_PAGE_BYTES: Final = 32
FACTORY_SETTINGS: Final = 0x0F
MASTER_KEY_CHANGEABLE: Final = 0x01
FREE_LISTING: Final = 0x02
FREE_CREATION: Final = 0x04


@dataclass
class Key:
    """Sixteen bytes and a version. EV2 messaging needs AES; a factory card's master key is 2K3DES."""

    value: bytes = bytes(16)
    version: int = 0
    aes: bool = True


@dataclass
class Application:
    """One application, or the card level itself (AID 000000, which has a key and settings but no files)."""

    settings: int
    keys: list[Key]
    files: dict[int, AnyFile] = field(default_factory=dict)

    def size_bytes(self) -> int:
        """Whole pages for the directory entry, the keys and each file."""
        parts = [_PAGE_BYTES, 16 * len(self.keys), *(f.size_bytes() for f in self.files.values())]
        return sum(-(-part // _PAGE_BYTES) * _PAGE_BYTES for part in parts)


@dataclass
class Journal:
    """The first phase of a commit: new images of files. Sealed, they survive a loss of power."""

    aid: bytes
    images: dict[int, AnyFile]
    sealed: bool = False


@dataclass
class CardState:
    """The card's memory. `applications` holds the card level under the AID 000000."""

    uid: bytes
    applications: dict[bytes, Application]
    journal: Journal | None = None

    @classmethod
    def factory(cls, uid: bytes) -> "CardState":
        """A card as it comes from the factory: no application, master key zero (2K3DES), creation free."""
        return cls(uid, {PICC: Application(FACTORY_SETTINGS, [Key(aes=False)])})

    def free_bytes(self) -> int:
        return MEMORY_BYTES - sum(app.size_bytes() for aid, app in self.applications.items() if aid != PICC)

    def to_json(self) -> dict[str, Any]:
        apps = {aid.hex(): _application_to_json(app) for aid, app in self.applications.items()}
        journal = None
        if self.journal is not None:
            images = _files_to_json(self.journal.images)
            journal = {"aid": self.journal.aid.hex(), "images": images, "sealed": self.journal.sealed}
        return {"uid": self.uid.hex(), "applications": apps, "journal": journal}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "CardState":
        """Undoes `to_json`; raises KeyError, TypeError or ValueError on anything else."""
        apps = {
            bytes.fromhex(aid): _application_from_json(app) for aid, app in content["applications"].items()
        }
        if PICC not in apps:
            raise ValueError("the card level, application 000000, is missing")
        state = cls(bytes.fromhex(content["uid"]), apps)
        journal = content.get("journal")
        if journal is not None:
            images = _files_from_json(journal["images"])
            state.journal = Journal(bytes.fromhex(journal["aid"]), images, bool(journal["sealed"]))
        return state


def _application_to_json(app: Application) -> dict[str, Any]:
    keys = [{"value": key.value.hex(), "version": key.version, "aes": key.aes} for key in app.keys]
    return {"settings": app.settings, "keys": keys, "files": _files_to_json(app.files)}


def _application_from_json(content: Mapping[str, Any]) -> Application:
    keys = [Key(bytes.fromhex(key["value"]), key["version"], key["aes"]) for key in content["keys"]]
    return Application(content["settings"], keys, _files_from_json(content["files"]))


def _files_to_json(files: Mapping[int, AnyFile]) -> dict[str, Any]:
    return {str(file_no): file.to_json() for file_no, file in files.items()}


def _files_from_json(content: Mapping[str, Any]) -> dict[int, AnyFile]:
    return {int(file_no): file_from_json(file) for file_no, file in content.items()}
