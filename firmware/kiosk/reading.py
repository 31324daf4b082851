"""Card procedures over this kiosk's reader, and the word for a card that can't pay."""

import os

from protocol.card import layout, purse
from protocol.card.masters import Masters

ISO_DEP = 0x20  # SAK bit of a card that speaks ISO 14443-4


class Refused(Exception):
    """This card can't pay here and now; says why by a key of the texts."""


async def over_reader(reader, procedure):  # type: ignore[no-untyped-def]
    """Run a card procedure (protocol.card.apdu) over the reader -> its result."""
    try:
        command = next(procedure)
        while True:
            command = procedure.send(await reader.transceive(command))
    except StopIteration as done:
        return done.value


async def open_purse(teller) -> purse.Purse:  # type: ignore[no-untyped-def]
    """The card that lies there, opened for a sale. NotOurs, CardError."""
    uid = teller.presence.uid
    return await _by_role(
        teller, "debit", layout.KEY_DEBIT, lambda key: purse.open_purse(uid, key, os.urandom(16))
    )


async def read_log(teller) -> list:  # type: ignore[no-untyped-def]
    """The same card's log, records of 24 bytes, the oldest first. NotOurs, CardError."""
    return await _by_role(teller, "read", layout.KEY_READ, lambda key: purse.read_log(key, os.urandom(16)))


async def _by_role(teller, role: str, key_no: int, procedure):  # type: ignore[no-untyped-def]
    """procedure(key) with the card's key of this role, of whichever version."""
    held = Masters(teller.settings.masters[role])
    return await over_reader(teller.reader, held.open_card(teller.presence.uid, key_no, procedure))
