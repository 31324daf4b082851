"""The running parts of the intake process, wired: books, keys, kiosks, intake and the line to the broker."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ssl import SSLContext
from typing import Any

from host.cards import listing, readers, rekey
from host.cards.in_use import InUse
from host.cards.keeper import Keeper
from host.cards.payers import payers
from host.cards.readers import CardConnection, ReaderError
from host.db.engine import Database
from host.installation import Installation
from host.terminals.fleet.kiosks import READER, Kiosks
from host.terminals.fleet.pairing import Offers
from host.terminals.intake import ahead
from host.terminals.intake.intake import Intake
from host.terminals.line import tls
from host.terminals.line.mqtt import Line
from host.terminals.relay.relay import Relay
from host.terminals.sales.serving import Serving
from host.terminals.talk import key_news
from host.terminals.talk.upkeep import Upkeep

TERMINAL = "terminal"  # the kind of reader that is not on this machine
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
        self.tls: SSLContext | None = None
        if installation.tls:
            from host.terminals.line.authority import Authority  # slow to load, and a shop may do without

            authority = Authority(self.keeper)
            self.tls = tls.context(authority.certificate, *authority.host(writer))
        self.kiosks = Kiosks(self.database, self.keeper)
        self.offers = Offers()
        proving = not shared and ahead.is_worth_it()  # workers are many already
        self.intake = Intake(self.database, self.keeper, self.kiosks, self._send, self._release, proving)
        self.in_use = InUse()
        self.relay: Relay | None = None
        self.upkeep = Upkeep(self.database, self.intake.push)
        if writer == 0:  # answers must find the session that they are for: one process follows them
            serving = Serving(
                self.database, self.keeper, payers(self.database, self.keeper), self.intake.push
            )
            self.relay = Relay(
                self.database, self.kiosks, self.in_use, serving.table(), self._send, self.intake.rejections
            )
        self.line = Line(
            f"{installation.setting('client_id')}{f'-{writer}' if writer else ''}",
            mqtt_host,
            mqtt_port,
            self.intake.put,
            self.intake.push,
            self.kiosks.knows,
            group=GROUP if shared else None,
            relay=None if self.relay is None else self.relay.take,
            tls=self.tls,
        )
        self._readers = installation.readers
        self._desk = threading.Lock()

    def start(self) -> None:
        """Begin to take messages."""
        if self.database.writer == 0:
            self.renew_keys()
        self.intake.start()
        if self.relay is not None:
            self.relay.start()
        self.line.start()
        if self.database.writer == 0:
            self.upkeep.start()

    def renew_keys(self) -> bool:
        """Let kiosks hold the role keys of the cards in circulation; True when that changes something."""
        with self.database.write() as connection:
            return key_news.renew(connection, self.keeper)

    def stop(self) -> None:
        """Take nothing more, commit what is queued, acknowledge it, leave the broker."""
        self.database.bell.close()
        if self.database.writer == 0:
            self.upkeep.stop()
        if self.relay is not None:
            self.relay.stop()
        self.intake.stop()
        self.line.stop()

    @contextmanager
    def reader(self, name: str) -> Iterator[CardConnection]:
        """The card on a desk reader, or at a terminal (terminal:NAME) that said that it is for a clerk. One
        session a card, and one at a time on readers of this machine, whatever they are called. ReaderError.
        However it ends, kiosks are told what has changed by then, such as for which cards something waits.
        """
        moved = self._moved_cards()
        try:
            with self._card(name) as connection:
                yield connection
            if self._moved_cards() != moved:
                self.renew_keys()
        finally:
            self.intake.push()

    @contextmanager
    def _card(self, name: str) -> Iterator[CardConnection]:
        kind, _, rest = name.partition(":")
        if kind == TERMINAL and self.relay is not None:
            with self.relay.desk.card(rest, readers.WAIT_S) as connection:
                yield connection
            return
        with self._alone(), readers.connect(name) as connection, self.in_use.hold(connection.uid):
            yield connection

    def look(self, name: str) -> bytes:
        """The UID of whatever card lies on a desk reader, or at a terminal. ReaderError."""
        kind, _, rest = name.partition(":")
        if kind == TERMINAL and self.relay is not None:
            return self.relay.desk.look(rest, readers.WAIT_S)
        with self._alone():
            return readers.look(name)

    def readers(self) -> list[dict[str, Any]]:
        """Desk readers by name: those of this machine, then those of clerks' PCs. See handlers.kiosks."""
        here = dict.fromkeys([*self._readers, *[one.name for one in listing.found()]])
        found: list[dict[str, Any]] = [
            {"name": name, "where": "host", "online": True, "card": None} for name in here
        ]
        lying = {} if self.relay is None else self.relay.desk.lying()
        for kiosk in self.kiosks.all():
            if kiosk.kind == READER:
                name, online = f"{TERMINAL}:{kiosk.name}", self.line.is_present(kiosk.name)
                card = lying.get(kiosk.name) if online else None
                found.append({"name": name, "where": TERMINAL, "online": online, "card": card})
        return found

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

    def _moved_cards(self) -> int:
        with self.database.read() as connection:
            return rekey.moved(connection)

    def _send(self, down: list[tuple[str, bytes]]) -> None:
        self.line.send(down)

    def _release(self, marks: list[Any]) -> None:
        self.line.release(marks)
