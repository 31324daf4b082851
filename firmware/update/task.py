"""The task update: what runs is told to the host, a trial is watched, an offer is followed."""

import asyncio

import chooser
from hal import board, duty, ticks
from protocol.wire import messages, topics, updates

FLUSH_MS = 500  # for the last word before a restart to leave
SERVED_MS = 50
LOOK_MS = 1000
_IDLE = ("IDLE", "AMOUNT", "CARD_WAIT", "OUT_OF_SERVICE")


class Updates:
    """link: online and ask(kind, number, topic, **fields); teller: state, reason, errand and store; kind: of
    this board.
    """

    def __init__(self, secret: bytes, kind: int, link, teller) -> None:  # type: ignore[no-untyped-def]
        self.secret, self.kind, self._link, self._teller = secret, kind, link, teller
        self.pieces: list = []
        self._offer: dict = None
        self._ready: dict = None  # its image lies in the other slot
        self._refused: tuple = None  # the last words about a roll-out that was refused
        self._welcomed = False

    # from the link

    def put(self, kind: int, values: dict) -> None:
        """A message that is fresh. A welcome comes before the link is online."""
        if kind == messages.WELCOME:
            self._welcomed = self._welcomed or not self._link.online
        elif kind == updates.UPDATE:
            self._offer = values
        elif len(self.pieces) < updates.PIECES_MAX:
            self.pieces.append(values)
        duty.rouse("update")

    # for update.fetch

    def is_idle(self) -> bool:
        """Is nobody served?"""
        return self._teller.state in _IDLE

    def is_over(self, offer: dict) -> bool:
        """Did the host take another offer's place, or is it not there?"""
        return not self._link.online or (
            self._offer is not None and self._offer["rollout"] != offer["rollout"]
        )

    async def ask(self, kind: int, **values) -> None:  # type: ignore[no-untyped-def]
        """To the host, if it is there."""
        await self._link.ask(kind, 0, topics.up, **values)

    async def piece(self, wait_ms: int) -> dict | None:
        """The next piece that came; None when none does."""
        began = ticks.now()
        while not self.pieces:
            left_ms = wait_ms - ticks.since(began)
            if left_ms <= 0:
                return None
            await duty.nap("update", left_ms)
        return self.pieces.pop(0)

    async def say(self, offer: dict, state: int, reason: str = "") -> None:
        """How far this roll-out is."""
        target = int.from_bytes(offer["header"][4:8], "little")
        if state == updates.REFUSED:
            self._refused = offer["rollout"], target, reason
        await self._told(offer["rollout"], state, target, reason)

    async def _told(self, rollout: int, state: int, target: int, reason: str) -> None:
        runs = chooser.version(chooser.running)
        values = {"rollout": rollout, "state": state, "runs": runs, "image": target, "reason": reason}
        await self.ask(updates.UPDATED, **values)

    async def run(self) -> None:
        """For ever."""
        if chooser.load()[chooser.LEFT] != chooser.PROVEN:
            from update import trial

            watched = asyncio.create_task(trial.prove(self._link, self._teller))
        else:
            watched = None
        while True:
            if watched is not None and watched.done():
                if not await watched:
                    await self._restart()
                watched, self._welcomed = None, True
            if self._welcomed:
                self._welcomed = False
                await self._stand()
            offer, self._offer = self._offer, None
            if offer is not None and watched is None and self._ready is None:
                await self._follow(offer)
            if self._ready is not None and self._teller.errand is None:
                self._teller.errand = self._switch
            await duty.nap("update", LOOK_MS)

    async def _stand(self) -> None:
        """What the slot record says; a refusal is in memory alone, and the host finds out again."""
        record = chooser.load()
        rollout, failed = record[chooser.ATTEMPT], record[chooser.FAILED]
        runs = chooser.version(chooser.running)
        if self._refused is not None:
            return await self._told(self._refused[0], updates.REFUSED, self._refused[1], self._refused[2])
        if record[chooser.LEFT] != chooser.PROVEN:
            return await self._told(rollout, updates.TRYING, runs, "")
        if failed:
            from update import trial

            return await self._told(rollout, updates.BACK, failed, trial.WORDS[record[chooser.REASON]])
        await self._told(
            rollout, updates.CONFIRMED if rollout else updates.STEADY, runs if rollout else 0, ""
        )

    async def _follow(self, offer: dict) -> None:
        rollout = offer["rollout"]
        target = int.from_bytes(offer["header"][4:8], "little")
        known, ended = chooser.load(), self._refused is not None and self._refused[:2] == (rollout, target)
        if rollout == known[chooser.ATTEMPT]:  # of this image: a restored host may give its number to another
            ended = ended or target in (known[chooser.FAILED], chooser.version(chooser.running))
        if ended:
            return await self._stand()  # it has had its answer
        self._refused = None
        from update import fetch

        why = await fetch.fetch(self, offer)
        if why == fetch.HELD:
            self._ready = offer
        elif why != fetch.LOST:
            await self.say(offer, updates.REFUSED, why)

    async def _switch(self, _teller) -> None:  # type: ignore[no-untyped-def]
        """Nobody is served, and every record is durable."""
        await self.say(self._ready, updates.SWITCHING)
        record = chooser.load()
        record[chooser.ACTIVE], record[chooser.LEFT] = 1 - chooser.running, chooser.TRIES
        record[chooser.ATTEMPT], record[chooser.FAILED], record[chooser.REASON] = self._ready["rollout"], 0, 0
        try:
            chooser.store(record)
        except OSError as error:  # what runs goes on
            print("update: %s" % error)
            refused, self._ready = self._ready, None
            return await self.say(refused, updates.REFUSED, "flash")
        await asyncio.sleep_ms(FLUSH_MS)
        board.reset()

    async def _restart(self) -> None:
        """A card that is served is let go first."""
        while self._teller.store.serving:
            duty.check_in("update")
            await asyncio.sleep_ms(SERVED_MS)
        board.reset()
