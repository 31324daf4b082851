"""The key keeper: master keys by role and version, and the only code that computes with them.

Masters are in a file sealed by a passphrase. They are in no table, log or repr, and nothing returns one.
"""

from pathlib import Path

from host.cards.keeper.file_store import FileStore
from host.cards.keeper.keeper import Keeper
from host.cards.keeper.roles import ACCOUNT_ROLES, CARD_ROLES, KIOSK_ROLES, MOVED_ROLES, ROLES
from host.cards.keeper.sealed import unseal
from host.cards.keeper.store import KeeperError

FILE_NAME = "keys.sealed"


def create(data: Path, passphrase: bytes) -> Keeper:
    """Make fresh masters of every role and seal them in the folder. KeeperError when there are keys."""
    path = data / FILE_NAME
    made = Keeper(FileStore(path, {}))
    made.complete(passphrase)
    return made


def open_(data: Path, passphrase: bytes) -> Keeper:
    """The keys of a folder; KeeperError for a wrong passphrase or a damaged file, or when there are none.

    Roles may be missing in keys that an older program made: see Keeper.complete.
    """
    path = data / FILE_NAME
    if not path.exists():
        raise KeeperError(f"There is no key file {path}: run `tapledger init --data {data}`.")
    return Keeper(FileStore(path, unseal(path, passphrase)))


def exist(data: Path) -> bool:
    """Are there keys in this folder?"""
    return (data / FILE_NAME).exists()


__all__ = [
    "ACCOUNT_ROLES",
    "CARD_ROLES",
    "FILE_NAME",
    "KIOSK_ROLES",
    "MOVED_ROLES",
    "ROLES",
    "Keeper",
    "KeeperError",
    "create",
    "exist",
    "open_",
]
