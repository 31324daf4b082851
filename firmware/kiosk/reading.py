"""Card procedures over this kiosk's reader, and the word for a card that can't pay."""

import os

from protocol.card import layout, purse


class Refused(Exception):
    """This card can't pay here and now; `reason` is a key of the texts."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


async def over_reader(reader, procedure):  # type: ignore[no-untyped-def]
    """Run a card procedure (protocol.card.apdu) over the reader -> its result."""
    try:
        command = next(procedure)
        while True:
            command = procedure.send(await reader.transceive(command))
    except StopIteration as done:
        return done.value


async def open_purse(reader, masters, uid: bytes) -> purse.Purse:  # type: ignore[no-untyped-def]
    """Open the card on the reader for a sale, with its key of whichever version. NotOurs, CardError."""

    def procedure(key):  # type: ignore[no-untyped-def]
        return purse.open_purse(uid, key, os.urandom(16))

    return await over_reader(reader, masters.open_card(uid, layout.KEY_DEBIT, procedure))
