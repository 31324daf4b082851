"""Desk readers behind one connection with one method.

pcsc:NAME-PART   any PC/SC reader whose name contains NAME-PART      (pyscard)
tty:/dev/PATH    a PN532 on a serial line                            (nfcpy)
usb              a PN532 or RC-S380 on USB that nfcpy finds          (nfcpy)
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

WAIT_S = 2.0


class ReaderError(Exception):
    """The reader can't be used; str() says what to do."""


class NoCard(ReaderError):
    """No card that we can talk to lies on the reader."""


class CardGone(Exception):
    """The card left while we talked to it: what the last command did is unknown."""


class CardConnection(ABC):
    """A card in the field of a reader."""

    uid: bytes

    @abstractmethod
    def send_and_receive(self, apdu: bytes) -> bytes:
        """Command APDU -> answer with its status word at the end; CardGone."""


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
        raise ReaderError(f"“{name}” names no reader: write pcsc:NAME-PART, tty:/dev/PATH or usb.")
