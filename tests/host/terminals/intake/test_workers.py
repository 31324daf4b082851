"""Several workers on one PostgreSQL: messages come to any of them, out of order and more than once."""

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from host.db.connection import collisions
from host.db.engine import Database
from host.terminals.fleet.kiosks import Kiosks
from host.terminals.intake.batch import Batches
from host.terminals.line.traffic import Down
from protocol.wire import envelope, mac, messages
from tests.host.ledger import audit
from tests.host.looks import balance, flags
from tests.host.rig import KioskSide, Shop, open_shop

WORKERS, KIOSKS, CARDS, SALES = 3, 3, 3, 90
BATCH_MAX = 8
SECONDS = 120.0


@pytest.fixture
def shop(postgres_url: str, tmp_path: Path) -> Iterator[Shop]:
    shop = open_shop(tmp_path / "data", postgres_url)
    yield shop
    shop.opened.database.close()


class Worker(threading.Thread):
    """As an intake does: batches as they come, again when it met another."""

    def __init__(
        self, shop: Shop, number: int, inbox: list[tuple[str, bytes]], start: threading.Barrier
    ) -> None:
        super().__init__(name=f"worker {number}")
        self.collisions = 0
        self.down: list[Down] = []
        self.fault: BaseException | None = None
        self._chance = random.Random(number)
        self._inbox = inbox
        self._begin = start
        self._database = Database(shop.opened.database.where, writer=number)
        keeper = shop.opened.keeper
        self._batches = Batches(self._database, keeper, Kiosks(self._database, keeper))

    def run(self) -> None:
        try:
            self._begin.wait(SECONDS)
            while self._inbox:
                size = self._chance.randint(1, BATCH_MAX)
                taken, self._inbox = self._inbox[:size], self._inbox[size:]
                self._write(
                    [report for topic, payload in taken for report in self._batches.open(topic, payload)]
                )
        except BaseException as error:
            self.fault = error
        finally:
            self._database.close()

    def _write(self, reports: list[object]) -> None:
        while True:
            try:
                self.down += self._batches.write(reports, False)  # type: ignore[arg-type]
                return
            except collisions():
                self.collisions += 1


def counters_down(kiosk: KioskSide, down: list[Down]) -> list[int]:
    """Numbers of the messages to one kiosk."""
    key = mac.kiosk_keys(kiosk.given["secret"])[1]
    found = [payload for topic, payload in down if f"/{kiosk.name}/" in topic]
    return [envelope.open_(key, messages.DOWN, kiosk.name, payload)[0][1] for payload in found]


def test_each_sale_is_booked_once_by_whichever_worker(shop: Shop) -> None:
    chance = random.Random(1)
    cards = [shop.card(10_000) for _ in range(CARDS)]
    kiosks = [shop.connected(f"K{n}") for n in range(KIOSKS)]
    paid = dict.fromkeys(range(CARDS), 0)
    said = []
    for _ in range(SALES):
        kiosk, card, amount_fen = chance.choice(kiosks), chance.randrange(CARDS), chance.randint(1, 50)
        said.append((kiosk.topic, shop.sale(kiosk, cards[card], amount_fen)))
        paid[card] += amount_fen
    hellos = [(kiosk.topic, kiosk.hello(b"again%03d" % n)) for n in range(4) for kiosk in kiosks]
    start = threading.Barrier(WORKERS)
    workers = []
    for number in range(1, WORKERS + 1):
        inbox = chance.sample(said, len(said)) + hellos  # to each of them all, in another order
        workers.append(Worker(shop, number, chance.sample(inbox, len(inbox)), start))
        workers[-1].start()
    for worker in workers:
        worker.join(SECONDS)
        assert not worker.is_alive()
        if worker.fault is not None:
            raise worker.fault
    down = [message for worker in workers for message in worker.down]
    for kiosk in kiosks:
        numbers = counters_down(kiosk, down)
        assert len(numbers) == len(set(numbers)) > 0, "no number goes down twice"
    assert shop.query("SELECT count(*), count(DISTINCT transaction_id) FROM reports") == [(SALES, SALES)]
    assert shop.query("SELECT count(*) FROM transactions WHERE kind = 'sale'") == [(SALES,)]
    for n, card in enumerate(cards):
        assert balance(shop, card) == 10_000 - paid[n]
        assert flags(shop, card) == []
    assert shop.alarms() == [] and shop.query("SELECT count(*) FROM suspects") == [(0,)]
    shop.look(audit.audit)
    assert sum(worker.collisions for worker in workers) == 0, (
        "they lock kiosks, then cards, each in one order"
    )
