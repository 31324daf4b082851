"""Where masters are: what both kinds of store can do. Nothing here returns a master."""

from abc import ABC, abstractmethod
from typing import NoReturn

from host.errors import HostError


class KeeperError(HostError):
    """The keys can't be used; the sentence says why and what to do."""


class WrongPassphrase(KeeperError):
    """It does not open the file, or the file is damaged: which, nobody can tell."""


class KeysAway(KeeperError):
    """The token that holds the keys does not answer: nothing is wrong with what was asked, it can wait."""


class WrongPin(KeysAway):
    """The token lets nobody in by this PIN, and after a few tries by none: it is not asked again."""


class Store(ABC):
    """Masters by role and version, and what is computed with them. KeyError for one that was never made."""

    @abstractmethod
    def versions(self, role: str) -> tuple[int, ...]:
        """Those of a role, oldest first; none of a role that this store lacks."""

    @abstractmethod
    def diversify(self, role: str, version: int, m: bytes) -> bytes:
        """AN10922 (AES-128) of the diversification input m, 16 to 31 bytes -> 16 bytes."""

    @abstractmethod
    def hmac(self, role: str, version: int, data: bytes) -> bytes:
        """HMAC-SHA256 -> 32 bytes."""

    @abstractmethod
    def wrap(self, role: str, version: int, wrapping_key: bytes) -> bytes:
        """RFC 3394 under a 16-byte key -> 24 bytes. Only of roles that kiosks hold."""

    @abstractmethod
    def make(self, versions: dict[str, int], passphrase: bytes) -> None:
        """A fresh master for each {role: version}: all of them, or none. KeeperError."""

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are never pickled")
