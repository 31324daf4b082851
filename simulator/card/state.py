"""What outlives the field: applications, keys, files, configuration, commit journal, and their JSON form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from simulator.card.files import File, file_from_json
from simulator.card.keys import AES, DES2, DES3, KINDS, Key, Kind, blank
from simulator.card.models import EV2, MODELS, Model

PICC: Final = b"\x00\x00\x00"
FACTORY_SETTINGS: Final = 0x0F
MASTER_KEY_CHANGEABLE: Final = 0x01
FREE_LISTING: Final = 0x02
FREE_CREATION: Final = 0x04
SETTINGS_CHANGEABLE: Final = 0x08
_PAGE_BYTES: Final = 32


def whole_pages(size_bytes: int) -> int:
    """Memory is given out in pages of 32 bytes."""
    return -(-size_bytes // _PAGE_BYTES) * _PAGE_BYTES


@dataclass
class Application:
    """One application, or the card level itself (AID 000000, which has a key and settings but no files).

    `iso_files`: its files have ISO file identifiers. All its keys are of one kind; it may have none.
    """

    settings: int
    keys: list[Key]
    files: dict[int, File] = field(default_factory=dict)
    iso_id: int | None = None
    df_name: bytes = b""
    iso_files: bool = False
    keyless: Kind = AES  # the kind of its keys where it has none

    @property
    def kind(self) -> Kind:
        return self.keys[0].kind if self.keys else self.keyless

    def size_bytes(self) -> int:
        """Whole pages for the directory entry, the keys and each file."""
        keys = sum(key.kind.size_bytes for key in self.keys)
        parts = [_PAGE_BYTES, keys, *(f.size_bytes() for f in self.files.values())]
        return sum(map(whole_pages, parts))

    def to_json(self) -> dict[str, Any]:
        keys = [key.to_json() for key in self.keys]
        iso = {"iso_id": self.iso_id, "df_name": self.df_name.hex(), "iso_files": self.iso_files}
        kind = self.kind.name
        return {"settings": self.settings, "kind": kind, "keys": keys, "files": _to_json(self.files), **iso}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Application":
        keys = [Key.from_json(key) for key in content["keys"]]
        name = bytes.fromhex(content.get("df_name", ""))
        iso = (content.get("iso_id"), name, bool(content.get("iso_files", False)))
        kind = KINDS[content.get("kind", "AES")]
        return cls(content["settings"], keys, _from_json(content["files"]), *iso, keyless=kind)


@dataclass
class Journal:
    """The first phase of a commit: new images of files. Sealed, they survive a loss of power."""

    aid: bytes
    images: dict[int, File]
    sealed: bool = False


@dataclass
class Configuration:
    """What SetConfiguration sets. `default_key` is the value of 24 bytes and the version of new keys."""

    format_disabled: bool = False
    random_uid: bool = False
    ats: bytes | None = None
    default_key: bytes = bytes(DES3.size_bytes)
    default_version: int = 0

    def new_key(self, kind: Kind) -> Key:
        """What every key of a new application is."""
        return Key(self.default_key[: kind.size_bytes], self.default_version, kind)

    def to_json(self) -> dict[str, Any]:
        ats = None if self.ats is None else self.ats.hex()
        once = {"format_disabled": self.format_disabled, "random_uid": self.random_uid}
        return {**once, "ats": ats, "key": self.default_key.hex(), "version": self.default_version}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Configuration":
        ats = None if content["ats"] is None else bytes.fromhex(content["ats"])
        once = (bool(content["format_disabled"]), bool(content["random_uid"]))
        return cls(*once, ats, bytes.fromhex(content["key"]), content["version"])


@dataclass
class CardState:
    """The card's memory. `applications` holds the card level under the AID 000000.

    `lost_bytes` were deleted and come back only by FormatPICC.
    """

    uid: bytes
    applications: dict[bytes, Application]
    journal: Journal | None = None
    model: Model = EV2
    configuration: Configuration = field(default_factory=Configuration)
    lost_bytes: int = 0

    @classmethod
    def factory(cls, uid: bytes, model: Model = EV2) -> "CardState":
        """A card as it comes from the factory: no application, master key zero (2K3DES), creation free."""
        return cls(uid, {PICC: Application(FACTORY_SETTINGS, [blank(DES2)])}, model=model)

    def free_bytes(self) -> int:
        used = sum(app.size_bytes() for aid, app in self.applications.items() if aid != PICC)
        return self.model.memory_bytes - used - self.lost_bytes

    def to_json(self) -> dict[str, Any]:
        apps = {aid.hex(): app.to_json() for aid, app in self.applications.items()}
        journal = None
        if self.journal is not None:
            images = _to_json(self.journal.images)
            journal = {"aid": self.journal.aid.hex(), "images": images, "sealed": self.journal.sealed}
        chip = {"model": self.model.name, "configuration": self.configuration.to_json()}
        uid, lost = self.uid.hex(), self.lost_bytes
        return {"uid": uid, **chip, "applications": apps, "journal": journal, "lost_bytes": lost}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "CardState":
        """Undoes `to_json`; raises KeyError, TypeError or ValueError on anything else.

        What older card files lack is as the factory had it.
        """
        apps = {
            bytes.fromhex(aid): Application.from_json(app) for aid, app in content["applications"].items()
        }
        if PICC not in apps:
            raise ValueError("the card level, application 000000, is missing")
        state = cls(bytes.fromhex(content["uid"]), apps, model=MODELS[content.get("model", "EV2")])
        journal = content.get("journal")
        if journal is not None:
            images = _from_json(journal["images"])
            state.journal = Journal(bytes.fromhex(journal["aid"]), images, bool(journal["sealed"]))
        if "configuration" in content:
            state.configuration = Configuration.from_json(content["configuration"])
        state.lost_bytes = int(content.get("lost_bytes", 0))
        return state


def _to_json(files: Mapping[int, File]) -> dict[str, Any]:
    return {str(file_no): file.to_json() for file_no, file in files.items()}


def _from_json(content: Mapping[str, Any]) -> dict[int, File]:
    return {int(file_no): file_from_json(file) for file_no, file in content.items()}
