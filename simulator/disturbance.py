"""What a bad network does to a piece of a stream: holds it up, or tears the connection down. Seeded."""

import asyncio
import random
from dataclasses import dataclass
from typing import Final

# A lossy chunk: one in so many resets the stream, the others stall it as a lost segment does.
_RESET_SHARE: Final = 4


@dataclass
class Counts:
    """What passed since the start; `up` is from the kiosk to the broker."""

    connections: int = 0
    up_bytes: int = 0
    down_bytes: int = 0
    stalls: int = 0
    resets: int = 0


class Disturbance:
    """Delay of each piece in each direction, and the probability that one is stalled or its stream reset."""

    def __init__(self, seed: int, stall_ms: tuple[int, int]) -> None:
        """`stall_ms`: how long a lost segment holds the stream up, at least and at most."""
        self._random = random.Random(seed)
        self._stall_ms = stall_ms
        self._delay_ms, self._loss = 0, 0.0

    def clear(self) -> None:
        """An undisturbed network."""
        self._delay_ms, self._loss = 0, 0.0

    def slow(self, delay_ms: int) -> None:
        """Each piece of the stream takes so long, in each direction."""
        if delay_ms < 0:
            raise ValueError("a delay can't be negative")
        self._delay_ms = delay_ms

    def lossy(self, probability: float) -> None:
        """Each piece of the stream is stalled, or its connection reset, with this probability."""
        if not 0 <= probability <= 1:
            raise ValueError("a probability is between 0 and 1")
        self._loss = probability

    async def survives(self, counts: Counts) -> bool:
        """Hold one piece up as long as it takes; False when the connection is torn down instead."""
        if self._delay_ms:
            await asyncio.sleep(self._delay_ms / 1000)
        if self._random.random() < self._loss:
            if self._random.randrange(_RESET_SHARE) == 0:
                return False
            counts.stalls += 1
            await asyncio.sleep(self._random.randint(*self._stall_ms) / 1000)
        return True
