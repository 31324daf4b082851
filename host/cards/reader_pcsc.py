"""PC/SC readers through pyscard, which is not installed everywhere: it is compiled from source on Linux."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from host.cards.readers import FOREIGN, NO_CARD, CardConnection, CardGone, NoCard, ReaderError, wait_for
from protocol.card import apdu

GET_UID = bytes.fromhex("FFCA000000")
GET_VERSION = 0x60  # DESFire: 7 bytes hardware, 7 software, then UID and production data


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
            raise CardGone from error
        return bytes([*data, sw1, sw2])

    def _read_uid(self) -> bytes:
        """From DESFire's GetVersion: not every slot knows the reader's own FF CA."""
        try:
            version = apdu.run(apdu.exchange(GET_VERSION), self.send_and_receive)
        except apdu.CardError as error:
            raise NoCard(FOREIGN) from error
        uid = version[14:21]
        if len(uid) != 7 or not any(uid):
            raise NoCard("The card on the reader hides its UID (random ID is on): it can't be issued.")
        return uid


@contextmanager
def connect(name_part: str, wait_s: float) -> Iterator[PcscConnection]:
    """The card in the first slot whose name contains name_part."""
    with _slot(name_part, wait_s) as (card, gone):
        yield PcscConnection(card, gone)


def look(name_part: str, wait_s: float) -> bytes:
    """The UID that the slot itself tells of any contactless card (PC/SC part 3, Get Data)."""
    with _slot(name_part, wait_s) as (card, gone):
        try:
            data, sw1, sw2 = card.transmit(list(GET_UID))
        except gone:  # some slots hand it on to the card, which answers nothing that they know
            data, sw1, sw2 = [], 0, 0
        if (sw1, sw2) == (0x90, 0x00):
            return bytes(data)
        try:
            return PcscConnection(card, gone).uid
        except CardGone as error:
            raise NoCard(NO_CARD) from error


@contextmanager
def _slot(name_part: str, wait_s: float) -> Iterator[tuple[Any, tuple[type[Exception], ...]]]:
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
    card = slots[0].createConnection()

    def connected() -> Any:
        try:
            card.connect()
        except (NoCardException, CardConnectionException):
            return None
        return card

    wait_for(connected, wait_s)
    try:
        yield card, (SmartcardException,)
    finally:
        card.disconnect()
