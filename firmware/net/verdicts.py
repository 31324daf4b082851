"""The host's word on single reports, for whoever waits for it."""

import asyncio
from collections import OrderedDict

from hal import ticks

KEPT = 8


class Verdicts:
    """number -> code, the last KEPT of them."""

    def __init__(self) -> None:
        self._codes: dict = OrderedDict()  # MicroPython's own dict keeps no order
        self._news = asyncio.Event()

    def put(self, epoch: int, verdicts: list) -> None:
        """What the host said of reports of one epoch: [[counter, code, balance], ...]."""
        for counter, code, _ in verdicts:
            self._codes[epoch, counter] = code
            if len(self._codes) > KEPT:
                self._codes.pop(next(iter(self._codes)))
        self.wake()

    def wake(self) -> None:
        """Something changed: look again."""
        self._news.set()

    async def wait(self, number: tuple[int, int], wait_ms: int, online) -> int | None:  # type: ignore[no-untyped-def]
        """The code for a number; None when none came within wait_ms or online() ended."""
        began = ticks.now()
        while online() and number not in self._codes:
            left_ms = wait_ms - ticks.since(began)
            if left_ms <= 0:
                break
            self._news.clear()
            try:
                await asyncio.wait_for_ms(self._news.wait(), left_ms)
            except asyncio.TimeoutError:
                break
        return self._codes.pop(number, None)
