"""Does what a sale costs grow with what was sold before? Two books in turn, one short and one long."""

import os
import random
import statistics
import time
from pathlib import Path

from host import installation
from host.ledger import accounts
from tests.bench.books_of_size import FIRST_UID, Writer
from tests.bench.figures import Figure

SHORT = 10_000
LONG = int(os.environ.get("TAPLEDGER_BENCH_HISTORY", "1000000"))  # 10000000 takes ten minutes to make
CARDS = 2000
BATCH = 1000
ROUNDS = 15
LOOKS = 500


class Books:
    """A shop with so many sales behind it."""

    def __init__(self, data: Path, sales: int) -> None:
        data.mkdir(parents=True)
        installation.init(data, None, demo=True)
        self._opened = installation.open_(data, None)
        self._writer = Writer(self._opened, CARDS, 20)
        self._writer.add(sales)
        self._draw = random.Random(2)

    def book(self) -> float:
        """Seconds a sale, in a batch."""
        began = time.perf_counter()
        self._writer.add(BATCH)
        return (time.perf_counter() - began) / BATCH

    def look(self) -> float:
        """Seconds to read a card's balance."""
        uids = [(FIRST_UID + self._draw.randrange(CARDS)).to_bytes(7, "big") for _ in range(LOOKS)]
        began = time.perf_counter()
        with self._opened.database.read() as connection:
            for uid in uids:
                accounts.card_balance(connection, uid, 1)
        return (time.perf_counter() - began) / LOOKS


def measure(folder: Path) -> list[Figure]:
    """What the long books cost as a multiple of the short ones."""
    short, long = Books(folder / "short", SHORT), Books(folder / "long", LONG)
    samples: dict[str, list[float]] = {"book": [], "look": []}
    for turn in range(ROUNDS + 1):
        found = {"book": (short.book(), long.book()), "look": (short.look(), long.look())}
        if turn:
            for name, (of_short, of_long) in found.items():
                samples[name].append(of_long / of_short)
    return [
        Figure(
            f"booking at {LONG:,} sales / at {SHORT:,}",
            round(statistics.median(samples["book"]), 2),
            "x",
            1.2,
        ),
        Figure(
            f"a balance at {LONG:,} sales / at {SHORT:,}",
            round(statistics.median(samples["look"]), 2),
            "x",
            1.2,
        ),
    ]
