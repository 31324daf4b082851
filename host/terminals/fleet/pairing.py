"""Bundles sealed for kiosks that show a code. Kept in memory alone, until fetched and for a while after.

Nothing is kept of who merely asks: a stranger with many identifiers costs nothing. A code and a bundle are
never written down; who paired which kiosk, and when, is.
"""

import os
import threading
from typing import NamedTuple

from host import clock
from host.db.connection import Connection
from host.errors import Refused
from protocol.wire import pairing

OFFERS_MAX = 100  # at once; an operator makes each


class Offer(NamedTuple):
    """One sealed bundle; until_s: nobody gets it after that."""

    name: str
    sealed: bytes
    until_s: int
    fetched: bool = False


class Offers:
    """By the identifier of the code; one for each name, or two devices would be one kiosk."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offers: dict[bytes, Offer] = {}

    def must_have_room(self, name: str) -> None:
        """Refused 503, before anything is done for this name."""
        with self._lock:
            self._forget()
            others = sum(offer.name != name for offer in self._offers.values())
        if others >= OFFERS_MAX:
            raise Refused(503, "busy", "Too many kiosks are being paired: wait ten minutes.")

    def put(self, name: str, secret: bytes, bundle: bytes) -> bytes:
        """Have this bundle ready for the kiosk with this secret, and for no other -> its identifier."""
        sealed = pairing.seal(secret, os.urandom(16), bundle)
        identifier = pairing.identifier(secret)
        with self._lock:
            self._offers = {key: offer for key, offer in self._offers.items() if offer.name != name}
            self._offers[identifier] = Offer(name, sealed, clock.now_s() + pairing.LIFE_S)
        return identifier

    def fetch(self, identifier: bytes) -> bytes | None:
        """What is sealed for it; the same again, as the answer may have been lost."""
        with self._lock:
            self._forget()
            offer = self._offers.get(identifier)
            if offer is None:
                return None
            self._offers[identifier] = offer._replace(fetched=True)
            return offer.sealed

    def fetched(self, name: str) -> bool | None:
        """Did the kiosk ask for the one of this name? None: there is none."""
        with self._lock:
            self._forget()
            return next((offer.fetched for offer in self._offers.values() if offer.name == name), None)

    def _forget(self) -> None:
        now_s = clock.now_s()
        for identifier in [key for key, offer in self._offers.items() if offer.until_s <= now_s]:
            del self._offers[identifier]


def note(connection: Connection, kiosk_no: int, identifier: bytes, who: str) -> None:
    """Who paired it."""
    connection.execute(
        "INSERT INTO kiosk_pairings (kiosk, pairing, who, at_s) VALUES (?, ?, ?, ?)",
        (kiosk_no, identifier, who, clock.now_s()),
    )
