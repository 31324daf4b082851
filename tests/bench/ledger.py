"""The apply engine: batches of reports from the broker's bytes to a durable commit and sealed answers.

Each speed is a multiple of raw one-commit-per-sale on the same machine, measured in turn with it.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest import mock

from host.cards.proof import Proofs
from host.ledger import chain
from host.processes.intake import settle_down
from host.terminals.intake import prover, straight
from host.terminals.reported import acks
from host.terminals.reported.work import Work
from tests.bench import bare_prover
from tests.bench.figures import Figure
from tests.bench.ledger_baselines import CARDS, KIOSKS, SEED, SqliteOneByOne
from tests.bench.stream import Stream
from tests.host.keyed import KeyedCard, keyed_cards
from tests.host.rig import KioskSide, Shop, open_shop

ROUNDS = 12
ONE_BY_ONE = 200  # sales of the baseline a round
STAGES = 8
WAITING = {1000: 10_000, 100: 4000}  # sales that wait for the intake: a flood, not its first batch
SIZES = tuple(WAITING)  # of batches
WAYS = {"": "all on", "bare ": "no TMV, no chain"}
FLOORS = {("", 1000): 10, ("", 100): 6, ("bare ", 1000): 17, ("bare ", 100): 11}
Batch = list[tuple[str, bytes]]


class Engine:
    """A shop's books with cards and kiosks, and batches of sales for them."""

    def __init__(self, folder: Path, database: str | None = None) -> None:
        self.shop: Shop = open_shop(folder, database)
        self.kiosks: list[KioskSide] = [self.shop.connected(f"K{n}") for n in range(KIOSKS)]
        self.cards: list[KeyedCard] = keyed_cards(self.shop, CARDS)
        self._draw = random.Random(SEED)

    def batch(self, size: int) -> Batch:
        """Messages of one sale each."""
        made = []
        for _ in range(size):
            kiosk = self._draw.choice(self.kiosks)
            made.append((kiosk.topic, self._draw.choice(self.cards).sale(kiosk)))
        return made

    def apply(self, messages: Batch) -> float:
        """Seconds a sale from bytes to commit and answers."""
        open_, write = self.shop.batches.open, self.shop.batches.write
        began = time.perf_counter()
        write([report for topic, payload in messages for report in open_(topic, payload)], False)
        return (time.perf_counter() - began) / len(messages)


@contextmanager
def bare() -> Iterator[None]:
    """Without checking Transaction MACs and without the hash chain."""
    blank: dict[str, Callable[..., Any]] = {
        "line": lambda *_: "",
        "transfer": lambda *_: "",
        "sold": lambda values: values[0],
        "link": lambda before, _: before,
    }
    unasked = {"proves": lambda *_: True, "wanted": lambda _: [], "missed": lambda *_: None}
    with (
        mock.patch.multiple(chain, **blank),
        mock.patch.multiple(Proofs, **unasked),
        mock.patch.object(straight, "_is_proven", lambda *_: True),
        mock.patch.object(prover, "__name__", bare_prover.__name__),  # the program that Ahead starts
    ):
        yield


def measure(folder: Path) -> list[Figure]:
    """On SQLite, with the split by stage."""
    settle_down()
    folder.mkdir()
    engine, baseline = Engine(folder / "books"), SqliteOneByOne(folder)
    ways = {"": nullcontext, "bare ": bare}  # a prover that knows cards would check their MACs
    streams = {way: {size: Stream(Engine(folder / f"{way}{size}"), size) for size in SIZES} for way in ways}
    for way, those in streams.items():
        with ways[way]():
            for stream in those.values():
                stream.warm()
    samples: dict[str, list[float]] = {}
    for turn in range(ROUNDS + 1):
        found = {"raw": [baseline.run(ONE_BY_ONE) / ONE_BY_ONE]}
        for way, those in streams.items():
            with ways[way]():  # on the same books: their chain is of no use from here on
                found |= _turn(engine, those, way)
        if turn:  # the first one warms caches
            for name, values in found.items():
                samples.setdefault(name, []).extend(values)
    baseline.close()
    for those in streams.values():
        for stream in those.values():
            stream.intake.stop()
    us = {name: statistics.median(values) * 1e6 for name, values in samples.items()}
    return [
        Figure("raw SQLite, a commit a sale", round(us["raw"], 1), "us"),
        Figure("apply, all on, batch 1000", round(us["1000"], 1), "us"),
        *[
            Figure(f"apply, {what}, batch {size} / raw", round(us["raw"] / us[f"{way}{size}"], 1), "x")
            for way, what in WAYS.items()
            for size in SIZES
        ],
        *[
            Figure(
                f"intake, {what}, batches of {size} that wait / raw",
                round(us["raw"] / us[f"{way}stream {size}"], 1),
                "x",
                floor=FLOORS[way, size],
            )
            for way, what in WAYS.items()
            for size in SIZES
        ],
        *[
            Figure(
                f"intake, batches of {size}, processor time of the writer",
                round(min(samples[f"writer {size}"]) * 1e6, 1),
                "us",
            )
            for size in SIZES
        ],
        *_stages(engine, us["bare 1000"], us["1000"]),
    ]


def _turn(engine: Engine, streams: dict[int, Stream], way: str) -> dict[str, list[float]]:
    found = {
        f"{way}1000": [engine.apply(engine.batch(1000))],
        f"{way}100": [engine.apply(engine.batch(100)) for _ in range(5)],
    }
    for size, stream in streams.items():
        before_s = stream.writer_s()
        found[f"{way}stream {size}"] = [stream.apply(WAITING[size] // size)]
        found[f"{way}writer {size}"] = [(stream.writer_s() - before_s) / WAITING[size]]
    return found


def _stages(engine: Engine, bare_us: float, all_us: float) -> list[Figure]:
    """Where the time of a batch of 1000 goes, in us a sale."""
    took: dict[str, float] = {}

    def timed(name: str, what: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return what(*args, **named)
            finally:
                took[name] = took.get(name, 0.0) + time.perf_counter() - began

        return run

    whole, busy, database = 0.0, 0.0, engine.shop.opened.database
    with (
        mock.patch.object(engine.shop.batches, "open", timed("open", engine.shop.batches.open)),
        mock.patch.object(Work, "look_up", timed("look up", Work.look_up)),
        mock.patch.object(Work, "flush", timed("insert and update", Work.flush)),
        mock.patch.object(acks, "acks", timed("acknowledge", acks.acks)),
        mock.patch.object(database, "commit", timed("commit", database.commit)),
    ):
        for _ in range(STAGES):
            messages, began = engine.batch(1000), time.process_time()
            whole += engine.apply(messages)
            busy += time.process_time() - began
    us = {name: seconds / STAGES * 1000 for name, seconds in took.items()}  # of 1000 sales
    us["decide, with TMV and chain"] = whole / STAGES * 1e6 - sum(us.values())
    us["of that TMV and chain"] = all_us - bare_us
    return [
        Figure("apply, all on, batch 1000, processor time", round(busy / STAGES * 1000, 1), "us"),
        *(Figure(f"  stage: {name}", round(value, 2), "us") for name, value in us.items()),
    ]
