"""The key keeper: master keys by role and version, sealed in one file by a passphrase.

File keys.sealed, JSON: {"format": 1, "kdf": {"name": "argon2id", salt, iterations, lanes, memory_kib},
"nonce": hex, "sealed": hex}. sealed = AES-256-GCM over {"role": {"version": hex}} with the header as
associated data. Keys exist only in here and in what it derives: they are in no table, log or repr.
"""

import json
import os
import secrets
from pathlib import Path
from typing import Any, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from host.errors import HostError
from protocol.card import keys
from protocol.wire.mac import hmac_sha256

FILE_NAME = "keys.sealed"
FORMAT = 1
CARD_ROLES = ("master", "read", "debit", "credit", "data")
ACCOUNT_ROLES = ("account-master", "account", "sdm-file")  # of account cards; diversified as the others
META = "sdm-meta"  # the same on every account card: it opens who a card says it is, before that is known
LONG_ROLES = ("kiosk", "ledger")  # for HMAC: 32 bytes
ROLES = (*CARD_ROLES, "tmac", *ACCOUNT_ROLES, META, *LONG_ROLES)
KDF = {"name": "argon2id", "iterations": 3, "lanes": 1, "memory_kib": 65536}  # RFC 9106, second choice
MEMORY_KIB_MAX = 1 << 20


class KeeperError(HostError):
    """The key file can't be used; the sentence says why and what to do."""


class Keeper:
    """Holds the masters of an installation and hands out what is derived from them."""

    __slots__ = ("_masters",)

    def __init__(self, masters: dict[str, dict[int, bytes]]) -> None:
        self._masters = masters

    def __repr__(self) -> str:
        return f"<Keeper of {len(self._masters)} roles>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a keeper is never pickled")

    def newest(self, role: str) -> int:
        """The version that new cards get."""
        return max(self._masters[role])

    def card_key(self, role: str, uid: bytes, version: int) -> bytes:
        """A card's 16-byte key of one of CARD_ROLES or ACCOUNT_ROLES; KeyError for an unknown version."""
        return keys.card_key(self._masters[role][version], uid)

    def meta_keys(self) -> dict[int, bytes]:
        """{version: the 16-byte key that opens what account cards of this version say they are}"""
        return dict(self._masters[META])

    def tmac_key(self, uid: bytes, issue: int, version: int) -> bytes:
        """A card's Transaction MAC key in its life number `issue`."""
        return keys.tmac_key(self._masters["tmac"][version], uid, issue)

    def kiosk_secret(self, name: str, number: int, issue: int) -> bytes:
        """The 32 bytes a kiosk shares with us."""
        master = self._masters["kiosk"][self.newest("kiosk")]
        return hmac_sha256(master, f"{name}|{number}|{issue}".encode())

    def ledger_mac(self, data: bytes) -> bytes:
        """What only this installation can say of its books: the 32-byte MAC of a checkpoint."""
        return hmac_sha256(self._masters["ledger"][self.newest("ledger")], data)

    @property
    def fingerprint(self) -> str:
        """By which books know their keys: tells nothing about them."""
        return self.ledger_mac(b"tapledger: the keys of these books").hex()

    def kiosk_role_masters(self) -> tuple[bytes, bytes, int]:
        """(read master, debit master, version): all that a kiosk ever gets of the card keys."""
        version = min(self.newest("read"), self.newest("debit"))
        return self._masters["read"][version], self._masters["debit"][version], version


def create(path: Path, passphrase: bytes) -> Keeper:
    """Make fresh masters and seal them at path (mode 0600). KeeperError when the file is there already."""
    masters = {role: {1: secrets.token_bytes(32 if role in LONG_ROLES else 16)} for role in ROLES}
    content = json.dumps(
        {role: {str(version): key.hex() for version, key in made.items()} for role, made in masters.items()}
    )
    kdf = {**KDF, "salt": secrets.token_hex(16)}
    nonce = secrets.token_bytes(12)
    sealed = AESGCM(_stretch(kdf, passphrase)).encrypt(nonce, content.encode(), _header(kdf))
    document = {"format": FORMAT, "kdf": kdf, "nonce": nonce.hex(), "sealed": sealed.hex()}
    try:
        write_private(path, json.dumps(document, indent=1).encode() + b"\n")
    except FileExistsError:
        raise KeeperError(f"{path} exists already; keys are never overwritten.") from None
    return Keeper(masters)


def open_(path: Path, passphrase: bytes) -> Keeper:
    """Unseal the file; KeeperError for a wrong passphrase or a damaged file."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise KeeperError(
            f"There is no key file {path}: run `tapledger init --data {path.parent}`."
        ) from None
    except OSError as error:
        raise KeeperError(f"The key file {path} cannot be read: {error.strerror}.") from None
    try:
        kdf, nonce, sealed = _parse(raw)
    except (ValueError, KeyError, TypeError):
        raise KeeperError(f"The key file {path} is damaged: restore it from a backup.") from None
    try:
        content = AESGCM(_stretch(kdf, passphrase)).decrypt(nonce, sealed, _header(kdf))
    except InvalidTag:
        raise KeeperError(
            f"The passphrase does not open {path}. If you are sure of it, the file is damaged: "
            "restore it from a backup."
        ) from None
    masters = {
        role: {int(version): bytes.fromhex(key) for version, key in made.items()}
        for role, made in json.loads(content).items()
    }
    if set(masters) != set(ROLES):
        raise KeeperError(
            f"The key file {path} holds other roles than this program knows: update the program."
        )
    return Keeper(masters)


def write_private(path: Path, content: bytes) -> None:
    """A new file that only its owner may read, whole and on the disk when this returns. FileExistsError.

    Killed at any point, there is the whole file or none under this name.
    """
    partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, path)  # unlike a rename, never over a file that is there
    finally:
        partial.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _parse(raw: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    document = json.loads(raw)
    kdf = document["kdf"]
    good = (
        document["format"] == FORMAT
        and sorted(kdf) == sorted([*KDF, "salt"])
        and kdf["name"] == "argon2id"
        and all(type(kdf[key]) is int and kdf[key] > 0 for key in ("iterations", "lanes", "memory_kib"))
        and kdf["memory_kib"] <= MEMORY_KIB_MAX
        and kdf["memory_kib"] >= 8 * kdf["lanes"]
        and kdf["iterations"] <= 100
        and len(bytes.fromhex(kdf["salt"])) >= 8
    )
    nonce, sealed = bytes.fromhex(document["nonce"]), bytes.fromhex(document["sealed"])
    if not good or len(nonce) != 12:
        raise ValueError("not a key file of this format")
    return kdf, nonce, sealed


def _header(kdf: dict[str, Any]) -> bytes:
    return json.dumps([FORMAT, kdf], sort_keys=True).encode()


def _stretch(kdf: dict[str, Any], passphrase: bytes) -> bytes:
    return Argon2id(
        salt=bytes.fromhex(kdf["salt"]),
        length=32,
        iterations=kdf["iterations"],
        lanes=kdf["lanes"],
        memory_cost=kdf["memory_kib"],
    ).derive(passphrase)
