"""What the rest of the host may ask of the keys, wherever they are.

Versions are generations: a rotation gives each role it changes the next number of all roles together. What
was made in generation g uses of each role the newest version that is not above g. So one number of a card
says which of all its keys, and a role that nobody rotates stays at 1.
"""

from collections.abc import Sequence
from typing import NoReturn

from host.cards.keeper.file_store import FileStore
from host.cards.keeper.roles import KIOSK_ROLES, ROLES
from host.cards.keeper.store import KeeperError, Store
from protocol.card import keys
from protocol.wire.config import VERSIONS_MAX


class Keeper:
    """Hands out what is derived from the masters; there is no way to ask for a master itself."""

    __slots__ = ("store",)

    def __init__(self, store: Store) -> None:
        self.store = store

    def __repr__(self) -> str:
        return f"<Keeper of {len(ROLES)} roles>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a keeper is never pickled")

    @property
    def generation(self) -> int:
        """The number that new cards get."""
        return max((version for role in ROLES for version in self.store.versions(role)), default=0)

    def version(self, role: str, generation: int) -> int:
        """Which version of a role belongs to a generation; KeyError for one that was never made."""
        if not 1 <= generation <= self.generation:
            raise KeyError(f"generation {generation}")
        versions = self.store.versions(role)
        return max((version for version in versions if version <= generation), default=versions[0])

    def card_key(self, role: str, uid: bytes, generation: int) -> bytes:
        """A card's own 16-byte key; KeyError for a generation that was never made."""
        return self.store.diversify(role, self.version(role, generation), keys.card_input(uid))

    def tmac_key(self, uid: bytes, issue: int, generation: int) -> bytes:
        """A card's Transaction MAC key in its life number `issue`."""
        return self.store.diversify("tmac", self.version("tmac", generation), keys.tmac_input(uid, issue))

    def meta_keys(self) -> dict[int, bytes]:
        """{version: the 16-byte key that opens what account cards say they are}: the same on all cards of a
        generation, since it is used before one knows whose it is. Newest first."""
        versions = reversed(self.store.versions("sdm-meta"))
        return {version: self.store.diversify("sdm-meta", version, keys.SHARED_INPUT) for version in versions}

    def kiosk_secret(self, name: str, number: int, issue: int) -> bytes:
        """The 32 bytes a kiosk shares with us."""
        return self.store.hmac("kiosk", 1, f"{name}|{number}|{issue}".encode())

    def authority(self, purpose: str) -> bytes:
        """32 bytes of which the certificate authority makes a key or a number, by what it is for."""
        return self.store.hmac("authority", 1, purpose.encode())

    def ledger_mac(self, data: bytes) -> bytes:
        """What only this installation can say of its books: the 32-byte MAC of a checkpoint."""
        return self.store.hmac("ledger", 1, data)

    @property
    def fingerprint(self) -> str:
        """By which books know their keys: tells nothing about them."""
        return self.ledger_mac(b"tapledger: the keys of these books").hex()

    def missing(self) -> list[str]:
        """Roles that this program knows and the store lacks: it was made by an older one."""
        return [role for role in ROLES if not self.store.versions(role)]

    def complete(self, passphrase: bytes) -> bool:
        """Make what is missing; False when nothing was. KeeperError."""
        lacking = self.missing()
        if lacking:
            self.store.make(dict.fromkeys(lacking, 1), passphrase)
        return bool(lacking)

    def must_rotate(self, roles: list[str]) -> None:
        """KeeperError for a role that has no versions, or that is none."""
        for role in roles:
            if role not in ROLES:
                raise KeeperError(f"There is no role “{role}”: it is one of {', '.join(ROLES)}.")
            if not ROLES[role].rotates:
                raise KeeperError(
                    f"The role “{role}” has one version: books, kiosks and broker are known by it. "
                    "A kiosk gets a new secret when it is revoked and provisioned anew."
                )

    def rotate(self, roles: list[str], passphrase: bytes) -> int:
        """A new version of each role -> the generation that begins. KeeperError."""
        self.must_rotate(roles)
        generation = self.generation + 1
        self.store.make(dict.fromkeys(roles, generation), passphrase)
        return generation

    def must_be_exportable(self) -> None:
        """KeeperError for masters that are in a token."""
        self._file()

    def exported(self, passphrase: bytes) -> bytes:
        """Content of a key file with all masters. KeeperError."""
        return self._file().exported(passphrase)

    def seal_anew(self, passphrase: bytes) -> None:
        """The same keys under another passphrase. KeeperError."""
        self._file().seal_anew(passphrase)

    def _file(self) -> FileStore:
        if isinstance(self.store, FileStore):
            return self.store
        raise KeeperError(
            "The keys are in a token, which gives none away: back it up by its maker's means, and change its "
            "PIN with its own tool."
        )

    def kiosk_versions(
        self, generations: list[int], roles: Sequence[str] = KIOSK_ROLES
    ) -> list[tuple[str, int]]:
        """[(role, version)] that a kiosk holds: of each role the newest first, and at most VERSIONS_MAX."""
        wanted = []
        for role in roles:
            versions = sorted({self.version(role, one) for one in generations}, reverse=True)
            wanted += [(role, version) for version in versions[:VERSIONS_MAX]]
        return wanted

    def kiosk_keys(
        self, generations: list[int], seal_key: bytes, roles: Sequence[str] = KIOSK_ROLES
    ) -> list[tuple[str, int, bytes]]:
        """[(role, version, the master wrapped)]: what a kiosk gets so that cards of these generations pay.

        seal_key: the kiosk's own 16 bytes. roles: those that it needs.
        """
        wanted = self.kiosk_versions(generations, roles)
        return [(role, version, self.store.wrap(role, version, seal_key)) for role, version in wanted]
