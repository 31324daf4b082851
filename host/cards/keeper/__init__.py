"""The key keeper: master keys by role and version, and the only code that computes with them.

Masters are in a file sealed by a passphrase (keys.sealed), or in a PKCS#11 token that a file names
(keys.token; the passphrase is its PIN). They are in no table, log or repr, and nothing returns one.
"""

import resource
from pathlib import Path

from host.cards.keeper.file_store import FileStore
from host.cards.keeper.keeper import Keeper
from host.cards.keeper.roles import ACCOUNT_ROLES, CARD_ROLES, KIOSK_ROLES, MOVED_ROLES, ROLES
from host.cards.keeper.sealed import unseal
from host.cards.keeper.store import KeeperError, KeysAway, WrongPassphrase
from host.cards.keeper.token_store import TokenStore

FILE_NAME, TOKEN_NAME = "keys.sealed", "keys.token"


def create(
    data: Path, passphrase: bytes, token: tuple[str, str] | None = None, drawn: bool = False
) -> Keeper:
    """Make fresh masters of every role; KeeperError when the folder has keys.

    token: its PKCS#11 module and its label, then the passphrase is its PIN; None: sealed in the folder.
    drawn: see sealed.seal().
    """
    if exist(data):
        raise KeeperError(f"{data} holds keys already; they are never overwritten.")
    _leave_no_core()
    made = Keeper(
        TokenStore.create(data / TOKEN_NAME, *token, passphrase)
        if token
        else FileStore(data / FILE_NAME, {}, drawn)
    )
    made.complete(passphrase)
    return made


def open_(data: Path, passphrase: bytes) -> Keeper:
    """The keys of a folder; KeeperError for a wrong passphrase, PIN or file, or when there are none.

    Roles may be missing in keys that an older program made: see Keeper.complete.
    """
    _leave_no_core()
    path = data / FILE_NAME
    if path.exists():
        return Keeper(FileStore(path, unseal(path, passphrase)))
    if (data / TOKEN_NAME).exists():
        return Keeper(TokenStore.open_(data / TOKEN_NAME, passphrase))
    raise KeeperError(f"There is no key file {path}: run `tapledger init --data {data}`.")


def _leave_no_core() -> None:
    """Of this process and its children from now on: the memory of one that crashed is full of keys."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def exist(data: Path) -> bool:
    """Are there keys in this folder?"""
    return (data / FILE_NAME).exists() or (data / TOKEN_NAME).exists()


__all__ = [
    "ACCOUNT_ROLES",
    "CARD_ROLES",
    "FILE_NAME",
    "KIOSK_ROLES",
    "MOVED_ROLES",
    "ROLES",
    "TOKEN_NAME",
    "Keeper",
    "KeeperError",
    "KeysAway",
    "WrongPassphrase",
    "create",
    "exist",
    "open_",
]
