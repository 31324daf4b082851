"""The task update: what the host says of a new firmware, kept for update/follow.py, which acts on it."""

import asyncio

import chooser
from hal import duty
from protocol.wire import messages, updates

LOOK_MS = 1000


class Updates:
    """link: online and ask(kind, number, topic, **fields); teller: state, reason, errand and store; kind: of
    this board.

    trial: the task that watches a new firmware. offer: the last one that came, ready: the one whose image
    lies in the other slot. refused: the last words about a roll-out that was refused.
    """

    def __init__(self, secret: bytes, kind: int, link, teller) -> None:  # type: ignore[no-untyped-def]
        self.secret, self.kind, self.link, self.teller = secret, kind, link, teller
        self.trial: asyncio.Task = None
        self.pieces: list = []
        self.offer: dict = None
        self.ready: dict = None
        self.refused: tuple = None
        self.welcomed = False

    def put(self, kind: int, values: dict) -> None:
        """A message that is fresh. A welcome comes before the link is online."""
        if kind == messages.WELCOME:
            self.welcomed = self.welcomed or not self.link.online
        elif kind == updates.UPDATE:
            self.offer = values
        elif len(self.pieces) < updates.PIECES_MAX:
            self.pieces.append(values)
        duty.rouse("update")

    async def run(self) -> None:
        """For ever."""
        if chooser.load()[chooser.LEFT] != chooser.PROVEN:
            from update import trial

            self.trial = asyncio.create_task(trial.prove(self.link, self.teller))
        while True:
            if self.trial or self.welcomed or self.offer or self.ready:
                await self._turn()
            await duty.nap("update", LOOK_MS)

    async def _turn(self) -> None:
        """By itself, for run() would hold on to the module while it naps."""
        from update import follow

        await follow.turn(self)
