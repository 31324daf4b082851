"""Desk readers behind one connection with one method.

pcsc:NAME-PART   any PC/SC reader whose name contains NAME-PART      (pyscard)
tty:/dev/PATH    a PN532 on a serial line                            (nfcpy)
usb              a PN532 or RC-S380 on USB that nfcpy finds          (nfcpy)
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

WAIT_S = 2.0
POLL_S = 0.05
NO_CARD = "There is no card on the reader: place one and try again."
FOREIGN = "The card on the reader is not a MIFARE DESFire card."
T = TypeVar("T")


class ReaderError(Exception):
    """The reader can't be used; str() says what to do."""


class NoCard(ReaderError):
    """No card that we can talk to lies on the reader."""


class CardGone(Exception):
    """The card left while we talked to it: what the last command did is unknown."""

    def __init__(self) -> None:
        super().__init__("The card left the reader.")


class CardConnection(ABC):
    """A card in the field of a reader."""

    uid: bytes

    @abstractmethod
    def send_and_receive(self, apdu: bytes) -> bytes:
        """Command APDU -> answer with its status word at the end; CardGone."""


def wait_for(look: Callable[[], T | None], wait_s: float) -> T:
    """What look() finds, asked until it is there; NoCard after wait_s."""
    deadline = time.monotonic() + wait_s
    while True:
        found = look()
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise NoCard(NO_CARD)
        time.sleep(POLL_S)


@contextmanager
def connect(name: str, wait_s: float | None = None) -> Iterator[CardConnection]:
    """The card on the reader called `name`; waits for one at most wait_s (WAIT_S). ReaderError, NoCard."""
    wait_s = WAIT_S if wait_s is None else wait_s
    kind, _, rest = name.partition(":")
    if kind == "pcsc" and rest:
        from host.cards import reader_pcsc

        with reader_pcsc.connect(rest, wait_s) as connection:
            yield connection
    elif (kind == "tty" and rest) or name == "usb":
        from host.cards import reader_nfc

        with reader_nfc.connect(rest or None, wait_s) as connection:
            yield connection
    else:
        raise _unnamed(name)


def look(name: str, wait_s: float | None = None) -> bytes:
    """The UID of whatever card lies on this reader, of any kind (FeliCa: its IDm). ReaderError, NoCard."""
    wait_s = WAIT_S if wait_s is None else wait_s
    kind, _, rest = name.partition(":")
    if kind == "pcsc" and rest:
        from host.cards import reader_pcsc

        return reader_pcsc.look(rest, wait_s)
    if (kind == "tty" and rest) or name == "usb":
        from host.cards import reader_nfc

        return reader_nfc.look(rest or None, wait_s)
    raise _unnamed(name)


def _unnamed(name: str) -> ReaderError:
    return ReaderError(f"“{name}” names no reader: write pcsc:NAME-PART, tty:/dev/PATH or usb.")
