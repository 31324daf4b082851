"""Masters of one role in the versions that are in circulation, and how a terminal finds a card's.

A card says which version a key has only when asked, and asking costs an APDU. So the newest is tried first,
as most cards have it; a card that refuses it is asked. Its word bears no MAC: a lie makes the second try
fail.
"""

from protocol.card import apdu, keys
from protocol.card.purse import NotOurs

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import TypeVar

    T = TypeVar("T")

GET_KEY_VERSION = 0x64


def version_byte(version: int) -> int:
    """DESFire's own version byte of a key of ours, 1 to 255: 0 is a factory key's."""
    return (version - 1) % 255 + 1


class Masters:
    """{version: 16-byte master} of one role; what a kiosk holds before its first configuration is empty."""

    def __init__(self, by_version: "dict[int, bytes]") -> None:
        self._by_version = by_version
        self.newest = max(by_version) if by_version else 0

    def card_key(self, uid: bytes, version: int) -> bytes:
        """A card's key; KeyError for a version that is not held."""
        return keys.card_key(self._by_version[version], uid)

    def _other(self, byte: int) -> int:
        """The version held with this version byte, 0 for none but the newest."""
        for version in self._by_version:
            if version != self.newest and version_byte(version) == byte:
                return version
        return 0

    def open_card(
        self, uid: bytes, key_no: int, procedure: "Callable[[bytes], Generator[bytes, bytes, T]]"
    ) -> "Generator[bytes, bytes, T]":
        """Procedure: procedure(key) with the card's key number `key_no`, of whichever version. NotOurs, also
        where no key is held."""
        if not self.newest:
            raise NotOurs("no key of this role")
        try:
            return (yield from procedure(self.card_key(uid, self.newest)))
        except NotOurs as refused:
            if len(self._by_version) < 2:
                raise
            reason = refused
        try:
            said = yield from apdu.exchange(GET_KEY_VERSION, bytes([key_no]))
        except apdu.CardError:
            raise reason
        version = self._other(said[0]) if len(said) == 1 else 0
        if not version:
            raise reason
        return (yield from procedure(self.card_key(uid, version)))
