"""Masters sealed in one file by a passphrase.

keys.sealed, JSON: {"format": 1, "kdf": {"name": "argon2id", salt, iterations, lanes, memory_kib},
"nonce": hex, "sealed": hex}. sealed = AES-256-GCM over {"role": {"version": hex}} with the header as
associated data.
"""

import json
import secrets
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from host.cards.keeper.roles import ROLES
from host.cards.keeper.store import KeeperError, WrongPassphrase

FORMAT = 1
KDF = {"name": "argon2id", "iterations": 3, "lanes": 1, "memory_kib": 65536}  # RFC 9106, second choice
DRAWN = {**KDF, "iterations": 1, "memory_kib": 8}  # for one that was drawn by lot: nobody guesses 24 bytes
MEMORY_KIB_MAX = 1 << 20
Masters = dict[str, dict[int, bytes]]


def seal(masters: Masters, passphrase: bytes, drawn: bool = False) -> bytes:
    """Content of a key file, with a salt and a nonce of its own. drawn: the passphrase, by lot, see DRAWN."""
    content = json.dumps(
        {role: {str(version): key.hex() for version, key in made.items()} for role, made in masters.items()}
    )
    kdf = {**(DRAWN if drawn else KDF), "salt": secrets.token_hex(16)}
    nonce = secrets.token_bytes(12)
    sealed = AESGCM(_stretch(kdf, passphrase)).encrypt(nonce, content.encode(), _header(kdf))
    document = {"format": FORMAT, "kdf": kdf, "nonce": nonce.hex(), "sealed": sealed.hex()}
    return json.dumps(document, indent=1).encode() + b"\n"


def unseal(path: Path, passphrase: bytes) -> Masters:
    """The masters in a key file; KeeperError: wrong passphrase, damaged, or of a newer program."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise KeeperError(f"The key file {path} cannot be read: {error.strerror}.") from None
    kdf, nonce, sealed = _parse(path, raw)
    try:
        content = AESGCM(_stretch(kdf, passphrase)).decrypt(nonce, sealed, _header(kdf))
    except InvalidTag:
        raise WrongPassphrase(
            f"The passphrase does not open {path}. If you are sure of it, the file is damaged: "
            "restore it from a backup."
        ) from None
    masters = {
        role: {int(version): bytes.fromhex(key) for version, key in made.items()}
        for role, made in json.loads(content).items()
    }
    if set(masters) - set(ROLES):
        raise KeeperError(
            f"The key file {path} holds other roles than this program knows: update the program."
        )
    return masters


def _parse(path: Path, raw: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    try:
        document = json.loads(raw)
        form, kdf = document["format"], document["kdf"]
        if type(form) is not int:
            raise TypeError("format")
        if form > FORMAT:
            raise KeeperError(f"The key file {path} was made by a newer Tapledger: update the program.")
        nonce, sealed = bytes.fromhex(document["nonce"]), bytes.fromhex(document["sealed"])
        if form == FORMAT and len(nonce) == 12 and _is_kdf(kdf):
            return kdf, nonce, sealed
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    raise KeeperError(f"The key file {path} is damaged: restore it from a backup.")


def _is_kdf(kdf: dict[str, Any]) -> bool:
    return (
        sorted(kdf) == sorted([*KDF, "salt"])
        and kdf["name"] == "argon2id"
        and all(type(kdf[key]) is int and kdf[key] > 0 for key in ("iterations", "lanes", "memory_kib"))
        and kdf["memory_kib"] <= MEMORY_KIB_MAX
        and kdf["memory_kib"] >= 8 * kdf["lanes"]
        and kdf["iterations"] <= 100
        and len(bytes.fromhex(kdf["salt"])) >= 8
    )


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
