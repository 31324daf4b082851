"""What the host's tests share: a shop's books in a folder, virtual cards without a reader, and a kiosk's side
of the protocol built on protocol/ alone."""

import functools
import itertools
import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from host import folder, installation
from host.cards.desk import Desk
from host.cards.readers import CardConnection, CardGone
from host.db import engine, whereabouts
from host.installation import Installation
from host.terminals.fleet.configs import Config
from host.terminals.fleet.kiosks import Kiosks
from host.terminals.intake.batch import Batches
from host.terminals.line.traffic import Down
from protocol.card import apdu, layout, purse
from protocol.wire import bundle, envelope, mac, messages, seal, topics
from simulator.card import DesfireCard

T = TypeVar("T")
NOW_S = 1_780_000_000
UIDS = itertools.count(0x04_1000_0000_0080)


class DirectConnection(CardConnection):
    """A card without a reader. gone_at: the card leaves instead of taking, or after taking, APDU number n."""

    def __init__(self, card: DesfireCard, gone_at: int | None = None, took_it: bool = False) -> None:
        self.uid = card.uid
        self.sent = 0
        self._card = card
        self._gone_at = gone_at
        self._took_it = took_it
        if card.in_field:
            card.leave_field()
        card.enter_field()

    def send_and_receive(self, apdu: bytes) -> bytes:
        self.sent += 1
        if self.sent == self._gone_at:
            if self._took_it:
                self._card.exchange(apdu)
            self._card.leave_field()
        answer = self._card.exchange(apdu)
        if answer is None:
            raise CardGone
        self._card.delivered()
        return answer


def blank(seed: int = 1) -> DesfireCard:
    """A factory card with a UID of its own."""
    return DesfireCard(next(UIDS).to_bytes(7, "big"), random.Random(seed))


def value_fen(card: DesfireCard) -> int:
    """What is on the card."""
    value = card.value_fen(layout.AID, layout.FILE_VALUE)
    assert value is not None
    return value


@dataclass
class KioskSide:
    """A kiosk as the host sees it: what it would send, and a check of what it gets."""

    given: dict[str, Any]
    epoch: int = 1
    counter: int = 0
    nonce: bytes = b"nonce--1"
    heard: int = 0
    drops_old: bool = False  # as a kiosk does: several workers may send in another order than they counted
    role_keys: dict[str, dict[int, bytes]] | None = None
    inbox: list[tuple[int, dict[str, Any]]] = field(default_factory=list)

    @classmethod
    def from_bundle(cls, content: bytes) -> "KioskSide":
        return cls(bundle.decode(content))

    @property
    def name(self) -> str:
        return str(self.given["name"])

    @property
    def topic(self) -> str:
        return str(topics.up(self.name))

    def message(self, sequence: tuple[int, int], kind: int, **values: Any) -> bytes:
        up_key = mac.kiosk_keys(self.given["secret"])[0]
        return envelope.seal(up_key, messages.UP, self.name, sequence, kind, messages.body(kind, **values))

    def journal(self, *reports: tuple[tuple[int, int], int, dict[str, Any]]) -> bytes:
        """One message of several reports of one epoch: (sequence, kind, values) each."""
        records = [[counter, kind, messages.body(kind, **values)] for (_, counter), kind, values in reports]
        return self.message((reports[0][0][0], 0), messages.JOURNAL, records=records)

    def hello(self, nonce: bytes | None = None, **changed: Any) -> bytes:
        self.nonce = nonce or self.nonce
        values: dict[str, Any] = {"firmware": "test", "epoch": self.epoch, "counter": self.counter}
        values |= {"config": 0, "hotlist": 0, "pending": 0, "waiting": 0, "allowed": 0} | changed
        return self.message((self.epoch, 0), messages.HELLO, nonce=self.nonce, **values)

    def applied(self, config: int, hotlist: int, waiting: int = 0, allowed: int = 0) -> bytes:
        versions = {"config": config, "hotlist": hotlist, "waiting": waiting, "allowed": allowed}
        return self.message(
            (self.epoch, 0), messages.APPLIED, nonce=self.nonce, counter=self.counter, **versions
        )

    def next_number(self) -> tuple[int, int]:
        self.counter += 1
        return self.epoch, self.counter

    def pay(
        self, card: DesfireCard, debit_key: bytes, amount_fen: int
    ) -> tuple[tuple[int, int], dict[str, Any]]:
        """A real sale on a virtual card -> (sequence, the fields of its SALE)."""
        sequence = self.next_number()
        connection = DirectConnection(card)
        opened = apdu.run(purse.open_purse(card.uid, debit_key, bytes(16)), connection.send_and_receive)
        after_fen = opened.value_fen - amount_fen
        record = layout.log_record(self.given["number"], *sequence, amount_fen, after_fen, NOW_S)
        apdu.run(purse.debit(opened, amount_fen, record), connection.send_and_receive)
        tmc, tmv = apdu.run(purse.commit(opened.session), connection.send_and_receive)
        card.leave_field()
        values = {"uid": card.uid, "issue": opened.issue, "amount_fen": amount_fen, "tmc": tmc, "tmv": tmv}
        return sequence, values | {"value_fen": after_fen, "happened_s": NOW_S}

    def sale(self, card: DesfireCard, debit_key: bytes, amount_fen: int) -> bytes:
        sequence, values = self.pay(card, debit_key, amount_fen)
        return self.message(sequence, messages.SALE, **values)

    def hear(self, payload: bytes) -> tuple[int, dict[str, Any]]:
        """Check a message from the host as a kiosk does -> (kind, fields)."""
        _up, down_key, seal_key = mac.kiosk_keys(self.given["secret"])
        sequence, kind, body = envelope.open_(down_key, messages.DOWN, self.name, payload)
        if self.drops_old and sequence[1] <= self.heard:
            return kind, {}
        assert sequence[0] == 0 and sequence[1] > self.heard, "down messages only rise"
        self.heard = sequence[1]
        values = messages.fields(kind, body)
        assert values["nonce"] == self.nonce
        if kind == messages.CONFIG:
            self.role_keys = seal.open_role_keys(seal_key, values["role_keys"])
        self.inbox.append((kind, values))
        return kind, values

    def hear_all(self, down: list[tuple[str, bytes]]) -> dict[int, dict[str, Any]]:
        """Those for this kiosk, the last of each kind."""
        return dict(self.hear(payload) for topic, payload in down if topic == topics.down(self.name))


@dataclass
class Shop:
    """An installation with its kiosks and a writer, without broker or HTTP."""

    opened: Installation
    kiosks: Kiosks
    batches: Batches

    def kiosk(self, name: str = "K1", price_fen: int = 2500) -> KioskSide:
        kiosk, _ = self.kiosks.register(name, Config(price_fen), "operator:desk")
        return KioskSide.from_bundle(self.kiosks.bundle(kiosk, "127.0.0.1", 1883, "wifi", ""))

    def reader(self, name: str = "DESK1") -> KioskSide:
        """A reader on a clerk's PC that has said hello."""
        made, _ = self.kiosks.register(name, None, "operator:desk")
        reader = KioskSide.from_bundle(self.kiosks.bundle(made, "127.0.0.1", 1883, "wifi", ""))
        self.tell(reader, reader.hello())
        return reader

    def connected(self, name: str = "K1") -> KioskSide:
        """A kiosk that has said hello."""
        kiosk = self.kiosk(name)
        self.tell(kiosk, kiosk.hello())
        return kiosk

    def card(self, amount_fen: int = 10_000) -> DesfireCard:
        """An issued and loaded purse card."""
        card = blank()
        self.desk(card).issue(amount_fen)
        card.leave_field()
        return card

    def desk(self, card: DesfireCard, **faults: Any) -> Desk:
        return Desk(
            self.opened.database, self.opened.keeper, DirectConnection(card, **faults), "operator:desk"
        )

    def debit_key(self, card: DesfireCard) -> bytes:
        return self.opened.keeper.card_key("debit", card.uid, 1)

    def sale(self, kiosk: KioskSide, card: DesfireCard, amount_fen: int = 2500) -> bytes:
        return kiosk.sale(card, self.debit_key(card), amount_fen)

    def tell(self, kiosk: KioskSide, *payloads: bytes) -> dict[int, dict[str, Any]]:
        """One batch -> what the kiosk hears, the last of each kind."""
        return kiosk.hear_all(self.write([(kiosk.topic, payload) for payload in payloads]))

    def write(self, batch: list[tuple[str, bytes]], pushed: bool = False) -> list[Down]:
        """One batch of [(topic, payload)] -> what goes down."""
        opened = [report for topic, payload in batch for report in self.batches.open(topic, payload)]
        return self.batches.write(opened, pushed)

    def query(self, sql: str, *parameters: Any) -> list[Any]:
        with self.opened.database.read() as connection:
            return [tuple(row) for row in connection.execute(sql, parameters)]

    def look(self, find: Callable[..., T], *parameters: Any) -> T:
        with self.opened.database.read() as connection:
            return find(connection, *parameters)

    def alarms(self) -> list[str]:
        return [code for (code,) in self.query("SELECT code FROM alarms ORDER BY id")]


@functools.cache
def empty_books() -> bytes:
    """A SQLite file with our tables, to be copied: the schema's steps take longer than a test."""
    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / whereabouts.FILE_NAME
        engine.create_or_open(path).close()
        return path.read_bytes()


def open_shop(data: Path, database: str | None = None) -> Shop:
    """Make and open an installation in a folder; database: its PostgreSQL, None: a file."""
    if database is None and not data.exists():
        folder.make(data)
        (data / whereabouts.FILE_NAME).touch(0o600)
        (data / whereabouts.FILE_NAME).write_bytes(empty_books())
    installation.init(data, None, demo=True, database=database)
    opened = installation.open_(data, None)
    kiosks = Kiosks(opened.database, opened.keeper)
    return Shop(opened, kiosks, Batches(opened.database, opened.keeper, kiosks))
