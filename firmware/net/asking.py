"""What the host says to the request that is open: one word at a time, for whoever asked."""

import asyncio

from hal import ticks


class Asking:
    """One request at a time; a word to another is none."""

    def __init__(self) -> None:
        self._request = b""
        self._words: list = []
        self._news = asyncio.Event()

    def begin(self, request: bytes) -> None:
        """From now on only what answers this counts."""
        self._request, self._words = request, []

    def put(self, kind: int, values: dict) -> None:
        """A relay or decision message that is fresh."""
        if self._request and values["request"] == self._request:
            self._words.append((kind, values))
            self._news.set()

    def wake(self) -> None:
        """The link went down: look again."""
        self._news.set()

    async def next(self, wait_ms: int, online) -> tuple[int, dict] | None:  # type: ignore[no-untyped-def]
        """(kind, fields) of the next word; None when none came within wait_ms or online() ended."""
        began = ticks.now()
        while not self._words:
            left_ms = wait_ms - ticks.since(began)
            if left_ms <= 0 or not online():
                return None
            self._news.clear()
            try:
                await asyncio.wait_for_ms(self._news.wait(), left_ms)
            except asyncio.TimeoutError:
                return None
        return self._words.pop(0)
