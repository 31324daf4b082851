"""The intake as it runs in a host, without a broker."""

import threading
import time
from typing import TYPE_CHECKING

from host.terminals.intake.intake import Intake
from host.terminals.line.traffic import Incoming
from tests.bench.ledger_baselines import CARDS

if TYPE_CHECKING:
    from tests.bench.ledger import Engine


class Stream:
    """The intake's writer over an engine's books, for messages that wait: one batch after the other, each
    opened and proven in another process while the one before is booked."""

    def __init__(self, engine: "Engine", size: int) -> None:
        self.engine, self._size, self._left = engine, size, 0
        self._done = threading.Event()
        shop = self.engine.shop
        shop.opened.database.take_over()
        self.intake = Intake(
            *(shop.opened.database, shop.opened.keeper, shop.kiosks, lambda _: None, self._released),
            ahead=True,
            most=size,
        )
        self.intake.start()
        self._writer = self.intake._thread.ident or 0

    def warm(self) -> None:
        """Until the other process runs, and knows the cards."""
        while not self.intake._ahead.runs:
            self.apply(3)
        self.apply(5 * CARDS // self._size)

    def apply(self, batches: int) -> float:
        """Seconds a sale from bytes to commit and answers."""
        messages = [Incoming(*message) for message in self.engine.batch(batches * self._size)]
        self._left = len(messages)
        self._done.clear()
        began = time.perf_counter()
        self.intake.put(messages)
        self._done.wait()
        return (time.perf_counter() - began) / len(messages)

    def writer_s(self) -> float:
        """Processor time of the writer until now."""
        return time.clock_gettime(time.pthread_getcpuclockid(self._writer))

    def _released(self, marks: list[object]) -> None:
        self._left -= len(marks)
        if not self._left:
            self._done.set()
