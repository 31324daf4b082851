"""Desk readers behind one connection with one method.

pcsc:NAME-PART   any PC/SC reader whose name contains NAME-PART      (pyscard)
tty:/dev/PATH    a PN532 on a serial line                            (nfcpy)
usb              a PN532 or RC-S380 on USB that nfcpy finds          (nfcpy)
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

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


class Found(NamedTuple):
    """A card on a reader. uid: b"" where even that is not told; connection: None for one that we can't talk
    to, and then why."""

    uid: bytes
    connection: CardConnection | None
    why: str = ""


class Reader(ABC):
    """A reader that is held open while cards come and go. Its methods raise ReaderError when it is gone."""

    @abstractmethod
    def sense(self) -> Found | None:
        """The card there now, switched on anew: what was begun with it is over."""

    @abstractmethod
    def present(self) -> bool:
        """Is the card of the last sense() still there?"""


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
def opened(name: str) -> Iterator[Reader]:
    """The reader called so. ReaderError."""
    kind, _, rest = name.partition(":")
    if kind == "pcsc" and rest:
        from host.cards import reader_pcsc

        with reader_pcsc.opened(rest) as slot:
            yield slot
    elif (kind == "tty" and rest) or name == "usb":
        from host.cards import reader_nfc

        with reader_nfc.opened(rest or None) as chip:
            yield chip
    else:
        raise unnamed(name)


def is_name(name: str) -> bool:
    """Could opened() know it?"""
    kind, _, rest = name.partition(":")
    return name == "usb" or (kind in ("pcsc", "tty") and bool(rest))


def unnamed(name: str) -> ReaderError:
    """The sentence for a name that is none."""
    return ReaderError(f"“{name}” names no reader: write pcsc:NAME-PART, tty:/dev/PATH or usb.")


@contextmanager
def connect(name: str, wait_s: float | None = None) -> Iterator[CardConnection]:
    """The card on the reader called `name`; waits for one at most wait_s (WAIT_S). ReaderError, NoCard."""
    with opened(name) as reader:
        found = wait_for(reader.sense, WAIT_S if wait_s is None else wait_s)
        if found.connection is None:
            raise NoCard(found.why)
        yield found.connection


def look(name: str, wait_s: float | None = None) -> bytes:
    """The UID of whatever card lies on this reader, of any kind (FeliCa: its IDm). ReaderError, NoCard."""
    with opened(name) as reader:
        found = wait_for(reader.sense, WAIT_S if wait_s is None else wait_s)
    if not found.uid:
        raise NoCard(found.why)
    return found.uid
