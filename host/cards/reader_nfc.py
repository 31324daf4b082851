"""PN532 and RC-S380 through nfcpy. On a 106A target nfcpy runs RATS and ISO-DEP itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import nfc
import nfc.clf
import nfc.clf.pn532
import nfc.clf.transport
import nfc.tag
import nfc.tag.tt4

from host.cards.readers import FOREIGN, CardConnection, CardGone, NoCard, ReaderError, wait_for

ANSWER_TIMEOUT_S = 1.0
_GONE = (nfc.tag.TagCommandError, nfc.clf.CommunicationError, OSError)


class NfcConnection(CardConnection):
    """A 14443-4 card in the field."""

    def __init__(self, tag: Any) -> None:
        self._tag = tag
        self.uid = bytes(tag.identifier)

    def send_and_receive(self, apdu: bytes) -> bytes:
        """See CardConnection."""
        try:
            answer = self._tag.transceive(apdu, ANSWER_TIMEOUT_S)
        except _GONE as error:
            raise CardGone from error
        if not answer:
            raise CardGone
        return bytes(answer)


@contextmanager
def connect(path: str | None, wait_s: float) -> Iterator[NfcConnection]:
    """The card on the PN532 at a serial path, or on the first USB reader when path is None."""
    frontend = _open(path)
    try:
        yield NfcConnection(_sense(frontend, wait_s))
    finally:
        frontend.close()


def look(path: str | None, wait_s: float) -> bytes:
    """The UID of a card of type A, or the IDm of a FeliCa card."""
    frontend = _open(path)
    try:
        target = _wait(frontend, wait_s, "106A", "212F")
        if target.sensf_res is not None:
            return bytes(target.sensf_res[1:9])
        return bytes(target.sdd_res)
    finally:
        frontend.close()


def _wait(frontend: Any, wait_s: float, *kinds: str) -> Any:
    targets = [nfc.clf.RemoteTarget(kind) for kind in kinds]
    try:
        return wait_for(lambda: frontend.sense(*targets), wait_s)
    except OSError as error:
        raise ReaderError(
            f"The reader stopped answering ({error}): unplug it and plug it in again."
        ) from error


def _open(path: str | None) -> Any:
    frontend = nfc.clf.ContactlessFrontend()
    try:
        if path is None:
            if not frontend.open("usb"):
                raise ReaderError("No NFC reader was found on USB: is it plugged in?")
        else:
            # ContactlessFrontend.open() knows only some names in /dev; the driver itself takes any path.
            frontend.device = nfc.clf.pn532.init(nfc.clf.transport.TTY(path))
            frontend.device._path = path
    except OSError as error:
        raise ReaderError(
            f"No PN532 answers at {path or 'usb'} ({error}): check the cable and the path."
        ) from error
    return frontend


def _sense(frontend: Any, wait_s: float) -> Any:
    tag = nfc.tag.activate(frontend, _wait(frontend, wait_s, "106A"))
    if not isinstance(tag, nfc.tag.tt4.Type4Tag):
        raise NoCard(FOREIGN)
    return tag
