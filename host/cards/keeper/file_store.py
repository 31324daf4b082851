"""The store of an installation without a token: masters in memory, as the sealed file holds them.

A change makes the whole file anew beside the old one and then swaps them: killed at any point, one of the two
is there. The passphrase is not kept, so whoever changes something gives it again.
"""

import secrets
from pathlib import Path

from host import private
from host.cards.keeper import sealed
from host.cards.keeper.roles import KIOSK_ROLES, ROLES
from host.cards.keeper.sealed import Masters
from host.cards.keeper.store import KeeperError, Store
from protocol.card import keys
from protocol.wire import seal
from protocol.wire.mac import hmac_sha256


class FileStore(Store):
    """Of a file that was opened, or of one to be made with its first keys. drawn: see sealed.seal()."""

    def __init__(self, path: Path, masters: Masters, drawn: bool = False) -> None:
        self._path = path
        self._masters = masters
        self._drawn = drawn

    def versions(self, role: str) -> tuple[int, ...]:
        return tuple(sorted(self._masters.get(role, ())))

    def diversify(self, role: str, version: int, m: bytes) -> bytes:
        return keys.an10922(self._masters[role][version], m)

    def hmac(self, role: str, version: int, data: bytes) -> bytes:
        return hmac_sha256(self._masters[role][version], data)

    def wrap(self, role: str, version: int, wrapping_key: bytes) -> bytes:
        assert role in KIOSK_ROLES, role
        return seal.wrap(wrapping_key, self._masters[role][version])

    def make(self, versions: dict[str, int], passphrase: bytes) -> None:
        masters = {role: dict(made) for role, made in self._masters.items()}
        for role, version in versions.items():
            made = masters.setdefault(role, {})
            assert version not in made, role
            made[version] = secrets.token_bytes(ROLES[role].length)
        self._write(masters, passphrase)
        self._masters = masters

    def seal_anew(self, passphrase: bytes) -> None:
        """The same keys under another passphrase."""
        self._write(self._masters, passphrase)

    def exported(self, passphrase: bytes) -> bytes:
        """Content of a key file with all of these keys, for a backup or a second site."""
        return sealed.seal(self._masters, passphrase)

    def _write(self, masters: Masters, passphrase: bytes) -> None:
        content = sealed.seal(masters, passphrase, self._drawn)
        try:
            if self._masters:
                private.replace(self._path, content)
            else:
                private.write_new(self._path, content)
        except FileExistsError:
            raise KeeperError(f"{self._path} exists already; keys are never overwritten.") from None
        except OSError as error:
            raise KeeperError(
                f"{self._path} cannot be written ({error.strerror}): nothing was changed."
            ) from None
