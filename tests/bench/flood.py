"""End to end: bytes at the broker, the host's processes, a durable commit, the receipt back at the kiosk."""

import contextlib
import statistics
import time
from pathlib import Path

from simulator.broker import Broker
from simulator.leash import Leash
from tests.bench import baselines
from tests.bench.figures import Figure, percentile
from tests.bench.ledger import ONE_BY_ONE, Engine
from tests.bench.ledger_baselines import SqliteOneByOne
from tests.bench.wire import Wire, publish
from tests.host.keyed import journal
from tests.host.process import Host
from tests.waiting import until

ROUNDS = 5
SINGLE = 3000  # messages of one sale a round
JOURNALS, RECORDS = 300, 32  # messages of many
TRIPS = 400


class Flood:
    """A shop whose host runs, and a wire to its broker."""

    def __init__(self, folder: Path, leash: Leash, database: str | None = None) -> None:
        self.engine = Engine(folder / "data", database)
        self.broker = Broker(folder, leash)
        self.broker.start()
        self.host = Host(self.engine.shop.opened.data, self.broker.port, leash)
        until(lambda: self.host.get("/health")["mqtt"])
        self.wire = Wire(self.broker.port, self.engine.kiosks)
        self._number = 0
        self._sent = 0

    def singles(self, count: int) -> float:
        """Seconds a sale, of messages of one sale each."""
        packets = [self._publish(*message) for message in self.engine.batch(count)]
        return self._time(packets, count) / count

    def journals(self, count: int) -> float:
        """Seconds a sale, of messages of RECORDS sales each."""
        packets = []
        for n in range(count):
            kiosk = self.engine.kiosks[n % len(self.engine.kiosks)]
            cards = self.engine.cards
            paid = [cards[(n * RECORDS + at) % len(cards)].pay(kiosk, 1) for at in range(RECORDS)]
            packets.append(self._publish(kiosk.topic, journal(kiosk, paid)))
        return self._time(packets, count * RECORDS) / count / RECORDS

    def trip(self) -> float:
        """Seconds from one sale's publication to its receipt, with nothing else going on."""
        return self._time([self._publish(*self.engine.batch(1)[0])], 1)

    def close(self) -> None:
        self.wire.close()
        self.host.end()
        self.host.close()
        self.broker.stop()

    def _publish(self, topic: str, payload: bytes) -> bytes:
        self._number = self._number % 0xFFFF + 1
        return publish(topic, payload, self._number)

    def _time(self, packets: list[bytes], sales: int) -> float:
        self._sent += sales
        began = time.perf_counter()
        for at in range(0, len(packets), 100):
            self.wire.send(b"".join(packets[at : at + 100]))
        return self.wire.wait(self._sent) - began


def measure(folder: Path) -> list[Figure]:
    """Floods in turn with raw SQLite, then round trips in turn with fdatasync."""
    folder.mkdir()
    with contextlib.closing(Leash()) as leash:
        flood, baseline = Flood(folder, leash), SqliteOneByOne(folder)
        raw, singles, journals, trips, syncs = [], [], [], [], []
        for turn in range(ROUNDS + 1):
            found = (
                baseline.run(ONE_BY_ONE) / ONE_BY_ONE,
                flood.singles(SINGLE),
                baseline.run(ONE_BY_ONE) / ONE_BY_ONE,
                flood.journals(JOURNALS),
            )
            if turn:
                raw += [found[0], found[2]]
                singles.append(found[1])
                journals.append(found[3])
        for _ in range(TRIPS // 20):
            syncs.append(baselines.fdatasync_s(folder, 20))
            trips += [flood.trip() for _ in range(20)]
        broker = flood.broker.kind
        flood.close()
        baseline.close()
    raw_s, sync_s = statistics.median(raw), statistics.median(syncs)
    trip_s, worst_s = statistics.median(trips), percentile(trips, 0.99)
    single_x, journal_x = raw_s / statistics.median(singles), raw_s / statistics.median(journals)
    return [
        Figure(f"flood ({broker}), single sales", round(1 / statistics.median(singles)), "/s"),
        Figure(f"flood ({broker}), single sales / raw", round(single_x, 2), "x", floor=2.5),
        Figure(f"flood ({broker}), journals of {RECORDS}", round(1 / statistics.median(journals)), "/s"),
        Figure(f"flood ({broker}), journals of {RECORDS} / raw", round(journal_x, 2), "x", floor=6),
        Figure("idle round trip, median", round(trip_s * 1000, 2), "ms"),
        Figure("idle round trip, median / fdatasync", round(trip_s / sync_s, 1), "x", target=10),
        Figure("idle round trip, p99 / median", round(worst_s / trip_s, 1), "x", target=4),
    ]
