"""The link to the host: connects, says hello, empties the journal, takes what the host sends.

Online means that the host answered this connection's hello, not that a socket is open.
"""

import asyncio
import os

from hal import duty, ticks
from net import heard, line, mqtt
from net.charges import Charges
from net.outbox import Outbox
from protocol.wire import config, envelope, messages, online, topics
from protocol.wire.ear import Ear
from protocol.wire.mac import kiosk_keys

FIRMWARE = "0.1.0"
LOOK_MS = 250
HELLO_MS = 3000
ANSWER_MS = 8000  # a host silent for so long is not there; an answer over 2 s each way takes 4
QUIET_MS = 20_000  # after so long without a word from the host it is asked for one
CONFIRM_MS = 600_000  # a busy kiosk asks so often whether its lists are the newest
STEADY_MS = 30_000  # a connection that lasted so long was a good one: the next failure starts afresh


class Link:
    """The tasks link and sync. line: a net.line.Line; journal, settings, age and store as in kiosk/."""

    def __init__(self, way, journal, settings, age, store) -> None:  # type: ignore[no-untyped-def]
        self.line, self.journal, self.settings = way, journal, settings
        self.age, self.store = age, store
        name, secret = way.bundle["name"], way.bundle["secret"]
        self._up_key = kiosk_keys(secret)[0]
        self._client: mqtt.Client = None
        self._ear, self.outbox = Ear(name, secret, b""), Outbox(journal)
        self.takers: dict = {}  # kind -> who else takes such a message: taker(kind, values)
        self.charges = Charges(self.takers)
        self.request, self.words = b"", []  # the one that is open, and (kind, fields) of what was said to it
        self.verdicts: list = []  # (number, code) of the last reports
        self.broken: Exception | None = None  # what ends the session, as who sent something met with it
        self.confirm = self.ask_again = False
        self._resumes = False  # a session that the broker kept goes on with the same nonce
        self._asked = self._heard = ticks.now()
        self._unanswered = False  # something was sent since _asked that the host must answer
        self.online = self.silent = False  # silent: the last verdict did not come, nor anything since

    def wake(self, confirm: bool = False) -> None:
        """There is something to report; confirm: something else is in force."""
        self.confirm |= confirm
        self.stir()

    def stir(self) -> None:
        """Something changed: look again."""
        duty.rouse("link")
        duty.rouse("sync")

    async def verdict(self, number: tuple[int, int], wait_ms: int) -> bool:
        """Wait for the host's word on a sale: False only when it says that the card's MAC is wrong."""
        began = ticks.now()
        while True:
            for told, code in self.verdicts:
                if told == number:
                    self.silent = False
                    return bool(code != messages.BAD_TMV)
            left_ms = wait_ms - ticks.since(began)
            if left_ms <= 0 or not self.online:
                self.silent = True
                return True
            await duty.nap("nfc", left_ms)

    async def run(self) -> None:
        """For ever: one connection after the other, with a pause after each."""
        while True:
            duty.check_in("link")
            began = ticks.now()
            try:
                await self._session()
            except Exception as error:  # sales must not depend on the link, whatever ails it
                if ticks.since(began) > STEADY_MS:
                    self.line.worked()
                await self._recover(error)

    async def _recover(self, error: Exception) -> None:
        from net import climb

        await climb.failed(self.line, error)
        self.online = False
        duty.rouse("nfc")  # who waits for an answer
        await climb.pause(self.line)

    async def ask(self, kind: int, number: int, topic="relay", **values) -> bool:  # type: ignore[no-untyped-def]
        """Send what the host need not answer, most often a request or an answer of the card; False when that
        can't be."""
        if not self.online:
            return False
        try:
            await self.send(kind, number, topic, **values)
        except OSError as error:
            print("link: %s" % error)
            return False
        return True

    async def _session(self) -> None:
        from net import climb

        name = self.line.bundle["name"]
        client = self._client = mqtt.Client(await climb.open_stream(self.line), self._received)
        receiving = self.broken = None
        try:
            kept = await climb.greet(self.line, client, name)
            del climb  # it is not held for as long as the line stands
            receiving = asyncio.create_task(client.run())
            if not kept or not self._resumes:
                await self._begin()
            await client.publish(topics.of(name, "status"), b"online", retain=True)
            await self._work(receiving)
        finally:
            await client.close(receiving)

    async def _begin(self) -> None:
        """What the broker kept for us is void: it is for a nonce of before, or it never comes."""
        name = self.line.bundle["name"]
        self._ear, self._resumes = Ear(name, self.line.bundle["secret"], os.urandom(8)), True
        self.outbox = Outbox(self.journal)
        await self._client.subscribe(topics.of(name, "down"))

    async def _work(self, receiving) -> None:  # type: ignore[no-untyped-def]
        hello_at = ping_at = self._heard = ticks.now()
        await self._hello()
        while True:
            if receiving.done():
                await receiving  # raises what ended it
            if self.broken is not None:
                raise self.broken
            if self._unanswered and ticks.since(self._asked) > ANSWER_MS:
                self.online, self.line.layer = False, line.HOST
            quiet = not self.online or ticks.since(self._heard) > QUIET_MS
            again = self.ask_again and not self.store.serving  # else there is room for no answer
            if again or ticks.since(hello_at) > (HELLO_MS if quiet else CONFIRM_MS):
                hello_at, self.ask_again = ticks.now(), False
                if self._unanswered and ticks.since(self._asked) > 2 * ANSWER_MS:
                    await self._begin()
                await self._hello()
            if self.confirm and self.online:
                self.confirm = False
                said = dict(self.settings.held(), counter=self.journal.counter)
                await self.send(messages.APPLIED, **said)
                if self.settings.rejected:
                    await self.send(config.REJECTED, **self.settings.rejected)
            if ticks.since(ping_at) > mqtt.KEEPALIVE_S * 500:
                ping_at = ticks.now()
                await self._client.ping()
            await duty.nap("link", LOOK_MS)

    async def _hello(self) -> None:
        journal, said = self.journal, self.settings.held()
        said.update({"epoch": journal.epoch, "counter": journal.counter, "pending": journal.pending})
        said["open"] = len(journal.open)
        said["nonce"] = self._ear.hello(os.urandom(8))
        await self.send(messages.HELLO, firmware=FIRMWARE, **said)

    async def send(self, kind: int, number: int = 0, topic="up", **values) -> None:  # type: ignore[no-untyped-def]
        """A message of this session, its fields by name. OSError."""
        values.setdefault("nonce", self._ear.nonce)
        content = envelope.content(kind, messages.UP, messages.body(kind, **values))
        await self.publish((self.journal.epoch, number), content, kind == messages.HELLO, topic)

    async def publish(  # type: ignore[no-untyped-def]
        self, sequence: tuple[int, int], content: bytes, answered: bool = True, topic="up"
    ) -> None:
        """answered: the host has something to say to it. OSError."""
        name = self.line.bundle["name"]
        message = envelope.seal_content(self._up_key, messages.UP, name, sequence, content)
        if answered and not self._unanswered:
            self._unanswered, self._asked = True, ticks.now()
        client = self._client
        try:
            await client.publish(topics.of(name, topic), message)
        except OSError as error:  # of what was sent nobody knows how much
            if client is self._client:  # and not one of before
                self.broken = error
                self.stir()
            raise

    def _received(self, message) -> None:  # type: ignore[no-untyped-def]
        fresh = self._ear.hear(message)
        if fresh is None:
            return print("link: a message was refused: %s" % self._ear.why)
        (kind, values, body), self._heard, self.silent = fresh, ticks.now(), False
        if kind in online.WORDS:
            return heard.word(self, kind, values)
        self._unanswered = False
        heard.take(self, kind, values, body, message)
        self.stir()
