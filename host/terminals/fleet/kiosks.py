"""Kiosks and desk readers: who they are, and what they share with us."""

import threading
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from host import clock
from host.db.connection import Connection
from host.db.engine import Database
from host.errors import Refused
from host.terminals.fleet import configs, revoked
from host.terminals.fleet.configs import Config
from protocol.wire import bundle, cbor, envelope, mac, messages, topics

if TYPE_CHECKING:  # the web process reads kiosks too, and loads nothing that has to do with keys
    from host.cards.keeper import Keeper

KIOSK, READER = "kiosk", "reader"  # kinds of terminal; a reader carries APDUs for a clerk, and that is all
FIRST_EPOCH = 1
LOOK_AGAIN_S = 1.0  # names that nobody has cost a query no more often


@dataclass(frozen=True)
class Kiosk:
    """One terminal; its keys never show in a repr."""

    number: int
    name: str
    issue: int
    up_key: bytes = field(repr=False)
    down_key: bytes = field(repr=False)
    seal_key: bytes = field(repr=False)
    kind: str = KIOSK

    @cached_property
    def up_head(self) -> bytes:
        """How each message of it begins: all of the envelope before the epoch."""
        return cbor.encode([envelope.VERSION, messages.UP, self.name, 0, 0, 0, 0])[:-4]

    @cached_property
    def down_head(self) -> bytes:
        """How each message to it begins: all of the envelope before the counter."""
        return cbor.encode([envelope.VERSION, messages.DOWN, self.name, 0, 0, 0, 0])[:-3]

    @cached_property
    def down_mac(self) -> HMAC:
        """The HMAC of messages to it, begun with the key."""
        return HMAC(self.down_key, SHA256())

    @cached_property
    def up_mac(self) -> HMAC:
        """The HMAC of its messages, begun with the key; copying it is three times faster than beginning."""
        return HMAC(self.up_key, SHA256())


class Kiosks:
    """All kiosks by name, held in memory so that a message from nobody costs no query."""

    def __init__(self, database: Database, keeper: "Keeper") -> None:
        self._database = database
        self._keeper = keeper
        self._lock = threading.Lock()
        self._looked_s = 0.0
        self._by_name: dict[str, Kiosk] = {}
        self._names: dict[str, str] = {}  # by topic, of those that were heard
        with database.read() as connection:
            self.refresh(connection)

    def refresh(self, connection: Connection) -> None:
        """Take in kiosks that are new, or have another secret."""
        rows = connection.execute("SELECT number, name, issue, kind FROM kiosks").fetchall()
        for number, name, issue, kind in rows:
            known = self._by_name.get(name)
            if known is None or known.issue != issue:
                self._by_name[name] = self._kiosk(number, name, issue, kind)

    def knows(self, name: str) -> bool:
        """Is there a kiosk of this name, as far as memory goes? Asks no database."""
        return name in self._by_name

    def in_memory(self, name: str) -> Kiosk | None:
        """The kiosk of this name, as far as memory goes."""
        return self._by_name.get(name)

    def find(self, name: str) -> Kiosk | None:
        """The kiosk of this name; faults() of the books as for look_again()."""
        return self._by_name.get(name) or self.look_again(name)

    def look_again(self, name: str) -> Kiosk | None:
        """The same, after a look into the books, now and then: another worker may have registered it, anew.
        faults() when that cannot be: then nobody knows whose name it is."""
        if time.monotonic() - self._looked_s >= LOOK_AGAIN_S:
            with self._database.read() as connection:
                self.refresh(connection)
            self._looked_s = time.monotonic()
        return self._by_name.get(name)

    def heard(self, topic: str) -> Kiosk | None:
        """The kiosk whose messages come under this topic; faults() of the books as for find()."""
        name = self._names.get(topic) or topics.kiosk_of(topic)
        known = None if name is None else self._by_name.get(name) or self.find(name)
        if known is not None:
            self._names[topic] = known.name
        return known

    def of_topic(self, topic: str) -> Kiosk | None:
        """The kiosk that was heard under this topic before, as memory has it now. Asks no database."""
        return self._by_name.get(self._names.get(topic, ""))

    def all(self) -> list[Kiosk]:
        """Every kiosk, by number."""
        return sorted(self._by_name.values(), key=lambda kiosk: kiosk.number)

    def register(self, name: str, config: Config | None, who: str) -> tuple[Kiosk, bool]:
        """The kiosk, with this configuration; None: a desk reader, which has none. True when it is new. A
        revoked one gets another secret. Refused 409 for a name that a terminal of the other kind has."""
        kind = READER if config is None else KIOSK
        with self._lock:  # until it can be found, or a second request would make it again
            with self._database.write() as connection:
                known = self._by_name.get(name)
                kiosk = known or self._create(connection, name, kind)
                if kiosk.kind != kind:
                    raise Refused(409, "name-used", f"{name} is a {kiosk.kind} already: choose another name.")
                if issue := revoked.issue_anew(connection, kiosk.number):
                    kiosk = self._kiosk(kiosk.number, name, issue, kind)
                if config is not None and configs.newest(connection, kiosk.number)[1] != config:
                    configs.add(connection, kiosk.number, config, who)
            self._by_name[name] = kiosk
        return kiosk, known is None

    def bundle(
        self, kiosk: Kiosk, host: str, port: int, ssid: str, password: str, tls: bool = False, **more: Any
    ) -> bytes:
        """What it is given over a cable: protocol.wire.bundle, with more of its fields; tls: with its
        certificate. FormError."""
        secret = self._keeper.kiosk_secret(kiosk.name, kiosk.number, kiosk.issue)
        if tls:
            from host.terminals.line.authority import Authority  # slow to load, and seldom needed

            more |= Authority(self._keeper).given(kiosk.name, kiosk.number, kiosk.issue, host)
        more["made_s"] = clock.now_s()
        return bundle.encode(
            kiosk.name, kiosk.number, secret, host, port, FIRST_EPOCH, ssid, password, **more
        )

    def _create(self, connection: Connection, name: str, kind: str) -> Kiosk:
        cursor = connection.execute(
            "INSERT INTO kiosks (name, issue, kind, made_at_s) VALUES (?, 1, ?, ?) RETURNING number",
            (name, kind, clock.now_s()),
        )
        number = int(cursor.fetchone()[0])
        connection.execute("INSERT INTO kiosk_sessions (kiosk, epoch) VALUES (?, ?)", (number, FIRST_EPOCH))
        connection.execute("INSERT INTO kiosk_epochs (kiosk, epoch) VALUES (?, ?)", (number, FIRST_EPOCH))
        return self._kiosk(number, name, 1, kind)

    def _kiosk(self, number: int, name: str, issue: int, kind: str) -> Kiosk:
        keys = mac.kiosk_keys(self._keeper.kiosk_secret(name, number, issue))
        return Kiosk(number, name, issue, *keys, kind=kind)


def names(connection: Connection, kind: str = KIOSK) -> list[tuple[int, str]]:
    """[(number, name)] of every terminal of this kind, by number."""
    sql = "SELECT number, name FROM kiosks WHERE kind = ? ORDER BY number"
    return [tuple(row) for row in connection.execute(sql, (kind,))]


def must_be(connection: Connection, name: str) -> None:
    """Refused 404 when there is no kiosk of this name."""
    sql = "SELECT 1 FROM kiosks WHERE name = ? AND kind = ?"
    if connection.execute(sql, (name, KIOSK)).fetchone() is None:
        raise Refused(404, "unknown-kiosk", f"There is no kiosk {name[:32]}.")


def session_row(connection: Connection, kiosk_no: int) -> dict[str, Any]:
    """Where the conversation with a kiosk stands."""
    return dict(connection.execute("SELECT * FROM kiosk_sessions WHERE kiosk = ?", (kiosk_no,)).fetchone())
