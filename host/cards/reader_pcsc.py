"""PC/SC readers through pyscard, which is not installed everywhere: it is compiled from source on Linux."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from host.cards.readers import CardConnection, CardGone, NoCard, ReaderError
from protocol.card import apdu

GET_VERSION = 0x60  # DESFire: 7 bytes hardware, 7 software, then UID and production data
POLL_S = 0.05


class PcscConnection(CardConnection):
    """A card in a PC/SC slot."""

    def __init__(self, card: Any, gone: tuple[type[Exception], ...]) -> None:
        self._card = card
        self._gone = gone
        self.uid = self._read_uid()

    def send_and_receive(self, apdu: bytes) -> bytes:
        """See CardConnection."""
        try:
            data, sw1, sw2 = self._card.transmit(list(apdu))
        except self._gone as error:
            raise CardGone("The card left the reader.") from error
        return bytes([*data, sw1, sw2])

    def _read_uid(self) -> bytes:
        """From DESFire's GetVersion: not every slot knows the reader's own FF CA."""
        try:
            version = apdu.run(apdu.exchange(GET_VERSION), self.send_and_receive)
        except apdu.CardError as error:
            raise NoCard("The card on the reader is not a MIFARE DESFire card.") from error
        uid = version[14:21]
        if len(uid) != 7 or not any(uid):
            raise NoCard("The card on the reader hides its UID (random ID is on): it can't be issued.")
        return uid


@contextmanager
def connect(name_part: str, wait_s: float) -> Iterator[PcscConnection]:
    """The card in the first slot whose name contains name_part."""
    try:
        from smartcard.Exceptions import CardConnectionException, NoCardException, SmartcardException
        from smartcard.System import readers
    except ImportError:
        raise ReaderError(
            "PC/SC readers need pyscard: apt install libpcsclite-dev swig gcc, then pip install pyscard."
        ) from None
    try:
        slots = [slot for slot in readers() if name_part in str(slot)]
    except SmartcardException as error:
        raise ReaderError(f"The PC/SC service does not answer ({error}): is pcscd running?") from error
    if not slots:
        raise ReaderError(f"No PC/SC reader's name contains “{name_part}”: is it plugged in?")
    deadline = time.monotonic() + wait_s
    card = slots[0].createConnection()
    while True:
        try:
            card.connect()
            break
        except (NoCardException, CardConnectionException):
            if time.monotonic() > deadline:
                raise NoCard("There is no card on the reader: place one and try again.") from None
            time.sleep(POLL_S)
    try:
        yield PcscConnection(card, (SmartcardException,))
    finally:
        card.disconnect()
