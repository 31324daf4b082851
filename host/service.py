"""The running parts of the intake process, wired: books, keys, kiosks, intake and the line to the broker."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from host.cards import readers
from host.cards.keeper import Keeper
from host.cards.readers import CardConnection, ReaderError
from host.db.engine import Database
from host.installation import Installation
from host.terminals.intake import Intake
from host.terminals.kiosks import Kiosks
from host.terminals.mqtt import Line

GROUP = "tapledger"  # MQTT 5: the workers that share a subscription


class Service:
    """Started in the intake process, after the fork: threads and connections don't survive one.

    writer: which partition of the books it writes; shared: other workers take kiosks' messages too, each what
    the broker gives it. The first one also follows which kiosks are there, and has the desk.
    """

    def __init__(
        self,
        installation: Installation,
        mqtt_host: str,
        mqtt_port: int,
        writer: int = 0,
        shared: bool = False,
    ) -> None:
        self.database: Database = installation.database
        self.database.writer = writer
        self.keeper: Keeper = installation.keeper
        self.broker = (mqtt_host, mqtt_port)
        self.kiosks = Kiosks(self.database, self.keeper)
        self.intake = Intake(self.database, self.keeper, self.kiosks, self._send, self._release)
        self.line = Line(
            f"{installation.setting('client_id')}{f'-{writer}' if writer else ''}",
            mqtt_host,
            mqtt_port,
            self.intake.put,
            self.intake.push,
            self.kiosks.knows,
            group=GROUP if shared else None,
            follows=writer == 0,
        )
        self._desk = threading.Lock()

    def start(self) -> None:
        """Begin to take messages."""
        self.intake.start()
        self.line.start()

    def stop(self) -> None:
        """Take nothing more, commit what is queued, acknowledge it, leave the broker."""
        self.database.bell.close()
        self.intake.stop()
        self.line.stop()

    @contextmanager
    def reader(self, name: str) -> Iterator[CardConnection]:
        """The card on a desk reader; one session at a time, whatever the reader is called. ReaderError."""
        with self._alone(), readers.connect(name) as connection:
            yield connection

    def look(self, name: str) -> bytes:
        """The UID of whatever card lies on a desk reader. ReaderError."""
        with self._alone():
            return readers.look(name)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        # One lock for all: a reader has many names (part of a slot's name, a link to a tty), and two sessions
        # with one card would each take the other's top-up for one that was lost.
        if not self._desk.acquire(timeout=readers.WAIT_S):
            raise ReaderError("The desk is busy with another card: wait a moment, then ask again.")
        try:
            yield
        finally:
            self._desk.release()

    def _send(self, down: list[tuple[str, bytes]]) -> None:
        self.line.send(down)

    def _release(self, marks: list[Any]) -> None:
        self.line.release(marks)
