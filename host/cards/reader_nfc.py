"""PN532 and RC-S380 through nfcpy. On a 106A target nfcpy runs RATS and ISO-DEP itself."""

import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import nfc
import nfc.clf
import nfc.clf.pn532
import nfc.clf.transport
import nfc.tag
import nfc.tag.tt4

from host.cards.readers import FOREIGN, CardConnection, CardGone, Found, Reader, ReaderError

ANSWER_TIMEOUT_S = 1.0
ISO_DEP = 0x20  # in SAK: ISO 14443-3, 6.4.3.4
FAST_BAUDS = (921_600, 460_800, 230_400)  # that nfcpy switches to
ACK = bytes.fromhex("0000FF00FF00")
SLOW_DOWN = bytes.fromhex("0000FF03FDD410041800")  # SetSerialBaudRate 115200: UM0701-02, 7.2.7
SLOWED_DOWN = bytes.fromhex("0000FF02FED511")
# What the driver raises where a line is cut, and where it takes noise for a frame.
_FAULTS = (OSError, termios.error, nfc.clf.transport.libusb.USBError, IndexError, ValueError, AssertionError)
_GONE = (nfc.tag.TagCommandError, nfc.clf.CommunicationError, *_FAULTS)


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


class NfcReader(Reader):
    """A front end of nfcpy."""

    def __init__(self, frontend: Any) -> None:
        self._frontend = frontend
        self._tag: Any = None
        self._uid = b""

    def sense(self) -> Found | None:
        """See Reader."""
        self._tag, self._uid = None, b""
        try:
            target = self._target()
            if target is None:
                return None
            self._uid = _uid(target)
            if target.sel_res is not None and target.sel_res[0] & ISO_DEP:
                self._tag = nfc.tag.activate(self._frontend, target)
                if self._tag is None:  # it left meanwhile
                    return None
        except nfc.clf.CommunicationError:
            return None
        except _FAULTS as error:
            raise _stopped(error) from error
        if isinstance(self._tag, nfc.tag.tt4.Type4Tag):
            return Found(self._uid, NfcConnection(self._tag))
        return Found(self._uid, None, FOREIGN)

    def present(self) -> bool:
        """See Reader."""
        try:
            if self._tag is not None:
                return bool(self._tag.is_present)
            target = self._target()
            return target is not None and _uid(target) == self._uid
        except nfc.clf.CommunicationError:
            return False
        except _FAULTS as error:
            raise _stopped(error) from error

    def _target(self) -> Any:
        return self._frontend.sense(nfc.clf.RemoteTarget("106A"), nfc.clf.RemoteTarget("212F"))


def _uid(target: Any) -> bytes:
    return bytes(target.sdd_res if target.sensf_res is None else target.sensf_res[1:9])


def _stopped(error: Exception) -> ReaderError:
    return ReaderError(f"The reader stopped answering ({error}): unplug it and plug it in again.")


def _pn532(path: str) -> Any:
    try:
        return nfc.clf.pn532.init(nfc.clf.transport.TTY(path))
    except _FAULTS:
        _slow_down(path)
        return nfc.clf.pn532.init(nfc.clf.transport.TTY(path))


def _slow_down(path: str) -> None:
    """The driver looks for the chip at 115200 baud, and leaves it at a higher rate when it is killed.

    One that was silent for another reason, as a PC that was busy for 0.1 s, is none the worse.
    """
    line = nfc.clf.transport.TTY(path)
    try:
        for baud in FAST_BAUDS:
            line.open(path, baud)
            line.write(ACK + SLOW_DOWN)  # the first ends what the chip was at
            try:
                if line.read(timeout=100) == ACK and line.read(timeout=100).startswith(SLOWED_DOWN):
                    line.write(ACK)
                    return
            except _FAULTS:
                continue
    finally:
        with suppress(*_FAULTS):
            line.close()


@contextmanager
def opened(path: str | None) -> Iterator[NfcReader]:
    """The PN532 at a serial path, or the first USB reader when path is None."""
    frontend = nfc.clf.ContactlessFrontend()
    try:
        if path is None:
            if not frontend.open("usb"):
                raise ReaderError("No NFC reader was found on USB: is it plugged in?")
        else:
            # ContactlessFrontend.open() knows only some names in /dev; the driver itself takes any path.
            frontend.device = _pn532(path)
            frontend.device._path = path
    except _FAULTS as error:
        raise ReaderError(
            f"No PN532 answers at {path or 'usb'} ({error}): check the cable and the path."
        ) from error
    try:
        yield NfcReader(frontend)
    finally:
        with suppress(*_FAULTS):  # of a reader that is unplugged
            frontend.close()
