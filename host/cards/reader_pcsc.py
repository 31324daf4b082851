"""PC/SC readers through pyscard, which is not installed everywhere: it is compiled from source on Linux."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from host.cards.readers import FOREIGN, CardConnection, CardGone, Found, Reader, ReaderError
from protocol.card import apdu

GET_UID = bytes.fromhex("FFCA000000")  # PC/SC part 3, 3.2.2.1.3: not every slot knows it
GET_VERSION = 0x60  # DESFire: 7 bytes hardware, 7 software, then UID and production data
HIDDEN = "The card on the reader hides its UID (random ID is on): it can't be issued."
OK = b"\x90\x00"


class PcscConnection(CardConnection):
    """A card in a PC/SC slot."""

    def __init__(self, scard: Any, card: Any, protocol: int) -> None:
        self._scard, self._card, self._protocol = scard, card, protocol
        self.uid = b""

    def send_and_receive(self, apdu: bytes) -> bytes:
        """See CardConnection."""
        code, answer = self._scard.SCardTransmit(self._card, self._protocol, list(apdu))
        if code != self._scard.SCARD_S_SUCCESS or len(answer) < 2:
            raise CardGone
        return bytes(answer)

    def read_uid(self) -> str:
        """From DESFire's GetVersion, also where FF CA is not known; what is wrong, '' for nothing."""
        try:
            version = apdu.run(apdu.exchange(GET_VERSION), self.send_and_receive)
        except apdu.CardError:
            return FOREIGN
        self.uid = version[14:21]
        return "" if len(self.uid) == 7 and any(self.uid) else HIDDEN


class PcscReader(Reader):
    """A slot, by pyscard's plain interface: its context is ours, so that a service started anew is found."""

    def __init__(self, scard: Any, context: Any, name: str) -> None:
        self._scard, self._context, self._name = scard, context, name
        self._card: Any = None

    def sense(self) -> Found | None:
        """See Reader."""
        self.let_go()
        if not self.present():
            return None
        scard = self._scard
        wanted = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        code, card, protocol = scard.SCardConnect(self._context, self._name, scard.SCARD_SHARE_SHARED, wanted)
        if code != scard.SCARD_S_SUCCESS:  # it answers nothing that the reader knows, or it left
            return None
        self._card = card
        connection = PcscConnection(scard, card, protocol)
        try:
            why = connection.read_uid()
        except CardGone:
            return None
        return Found(_uid_of_slot(connection), None, why) if why else Found(connection.uid, connection)

    def present(self) -> bool:
        """See Reader."""
        scard = self._scard
        code, states = scard.SCardGetStatusChange(self._context, 0, [(self._name, scard.SCARD_STATE_UNAWARE)])
        if code != scard.SCARD_S_SUCCESS:
            raise ReaderError(f"{self._name} is gone ({scard.SCardGetErrorMessage(code)}): is it plugged in?")
        (_, state, _), *_rest = states
        if state & (scard.SCARD_STATE_UNAVAILABLE | scard.SCARD_STATE_UNKNOWN):
            raise ReaderError(f"{self._name} is gone: is it plugged in?")
        if self._card is not None and scard.SCardStatus(self._card)[0] != scard.SCARD_S_SUCCESS:
            return False  # taken away meanwhile, and perhaps another one laid there
        return bool(state & scard.SCARD_STATE_PRESENT)

    def let_go(self) -> None:
        """Switch the card off that we are connected to."""
        if self._card is not None:
            self._scard.SCardDisconnect(self._card, self._scard.SCARD_UNPOWER_CARD)
            self._card = None


def _uid_of_slot(connection: PcscConnection) -> bytes:
    """Of any contactless card; b"" where the slot hands the question on to the card."""
    try:
        answer = connection.send_and_receive(GET_UID)
    except CardGone:
        return b""
    return answer[:-2] if answer[-2:] == OK else b""


@contextmanager
def opened(name_part: str) -> Iterator[PcscReader]:
    """The first slot whose name contains name_part."""
    with service() as (scard, context):
        names = slots(scard, context)
        found = [name for name in names if name_part in name]
        if not found:
            raise ReaderError(f"No PC/SC reader's name contains “{name_part}”: is it plugged in?")
        slot = PcscReader(scard, context, found[0])
        try:
            yield slot
        finally:
            slot.let_go()


def slots(scard: Any, context: Any) -> list[str]:
    """The names of all slots."""
    code, names = scard.SCardListReaders(context, [])
    if code == scard.SCARD_E_NO_READERS_AVAILABLE:
        return []
    if code != scard.SCARD_S_SUCCESS:
        raise _silent(scard, code)
    return list(names)


@contextmanager
def service() -> Iterator[tuple[Any, Any]]:
    """pyscard's plain interface, and a context of its own in the PC/SC service. ReaderError."""
    try:
        from smartcard import scard
    except ImportError:
        raise ReaderError(
            "PC/SC readers need pyscard: apt install libpcsclite-dev swig gcc, then pip install pyscard."
        ) from None
    code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    if code != scard.SCARD_S_SUCCESS:
        raise _silent(scard, code)
    try:
        yield scard, context
    finally:
        scard.SCardReleaseContext(context)


def _silent(scard: Any, code: int) -> ReaderError:
    reason = scard.SCardGetErrorMessage(code)
    return ReaderError(f"The PC/SC service does not answer ({reason}): is pcscd running?")
