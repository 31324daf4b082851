"""The link to the host: connects, says hello, empties the journal, takes what the host sends.

Online means that the host answered this connection's hello, not that a socket is open.
"""

import asyncio
import os

from hal import ticks
from net import line, mqtt
from net.asking import Asking
from net.charges import Charges
from net.outbox import Outbox
from net.verdicts import Verdicts
from protocol.wire import config, envelope, messages, online, resend, till, topics
from protocol.wire.ear import Ear
from protocol.wire.mac import kiosk_keys

FIRMWARE = "0.1.0"
HELLO_MS = 3000
ANSWER_MS = 5000  # a host that leaves a hello or report unanswered for so long is not there
QUIET_MS = 20_000  # after so long without a word from the host it is asked for one
CONFIRM_MS = 600_000  # a busy kiosk asks so often whether its lists are the newest
STEADY_MS = 30_000  # a connection that lasted so long was a good one: the next failure starts afresh


class Link:
    """line: a net.line.Line; journal, settings and age as in kiosk/."""

    def __init__(self, bundle: dict, way, journal, settings, age) -> None:  # type: ignore[no-untyped-def]
        self._bundle, self.line, self._journal, self._settings = bundle, way, journal, settings
        self.age = age
        self._up_key = kiosk_keys(bundle["secret"])[0]
        self._client: mqtt.Client = None
        self._ear, self.asking = Ear(bundle["name"], bundle["secret"], b""), Asking()
        self.takers: dict = {}  # kind -> who else takes such a message: taker(kind, values)
        self._outbox, self._verdicts = Outbox(journal), Verdicts()
        self._news = asyncio.Event()  # something to send, or something received
        self.charges = Charges(self._news, self.takers)
        self._confirm = self._resumes = False  # resumes: a session that the broker kept has the same nonce
        self._asked = self._heard = ticks.now()
        self._unanswered = False  # something was sent since _asked that the host must answer
        self.online = self.silent = False  # silent: the last verdict did not come, nor anything since

    def wake(self, confirm: bool = False) -> None:
        """There is something to report; confirm: something else is in force."""
        self._confirm |= confirm
        self._news.set()

    async def verdict(self, number: tuple[int, int], wait_ms: int) -> bool:
        """Wait for the host's word on a sale: False only when it says that the card's MAC is wrong."""
        code = await self._verdicts.wait(number, wait_ms, lambda: self.online)
        self.silent = code is None
        return code != messages.BAD_TMV

    async def run(self) -> None:
        """For ever: one connection after the other, with a pause after each."""
        while True:
            began = ticks.now()
            try:
                await self._session()
            except Exception as error:  # sales must not depend on the link, whatever ails it
                if ticks.since(began) > STEADY_MS:
                    self.line.worked()
                await self.line.failed(error)
            self.online = False
            self._verdicts.wake()
            self.asking.wake()
            await self.line.pause()

    async def ask(self, kind: int, number: int, topic=topics.relay, **values) -> bool:  # type: ignore[no-untyped-def]
        """Send what the host need not answer, most often a request or an answer of the card; False when that
        can't be."""
        if not self.online:
            return False
        content = envelope.content(kind, messages.UP, messages.body(kind, nonce=self._ear.nonce, **values))
        try:
            await self._publish((self._journal.epoch, number), content, False, topic)
        except OSError as error:
            print("link: %s" % error)
            return False
        return True

    async def _session(self) -> None:
        name = self._bundle["name"]
        client = self._client = mqtt.Client(await self.line.open(), self._received)
        receiving = None
        try:
            await client.connect("kiosk-" + name, topics.status(name))
            self.line.layer = line.MQTT
            kept = await client.connected()
            self.line.stands()
            receiving = asyncio.create_task(client.run())
            if not kept or not self._resumes:
                await self._begin()
            await client.publish(topics.status(name), b"online", retain=True)
            await self._work(receiving)
        finally:
            await client.close(receiving)

    async def _begin(self) -> None:
        """What the broker kept for us is void: it is for a nonce of before, or it never comes."""
        name = self._bundle["name"]
        self._ear, self._resumes = Ear(name, self._bundle["secret"], os.urandom(8)), True
        self._outbox = Outbox(self._journal)
        await self._client.subscribe(topics.down(name))

    async def _work(self, receiving) -> None:  # type: ignore[no-untyped-def]
        hello_at = ping_at = self._heard = ticks.now()
        await self._hello()
        while True:
            if receiving.done():
                await receiving  # raises what ended it
            if self._unanswered and ticks.since(self._asked) > ANSWER_MS:
                self.online, self.line.layer = False, line.HOST
            if self.online:
                await self._send_reports()
            quiet = not self.online or ticks.since(self._heard) > QUIET_MS
            if ticks.since(hello_at) > (HELLO_MS if quiet else CONFIRM_MS):
                hello_at = ticks.now()
                if self._unanswered and ticks.since(self._asked) > 2 * ANSWER_MS:
                    await self._begin()
                await self._hello()
            if self._confirm and self.online:
                self._confirm, said = False, dict(self._settings.held(), counter=self._journal.counter)
                await self.ask(messages.APPLIED, 0, topics.up, **said)
                if self._settings.rejected:
                    await self.ask(config.REJECTED, 0, topics.up, **self._settings.rejected)
            if ticks.since(ping_at) > mqtt.KEEPALIVE_S * 500:
                ping_at = ticks.now()
                await self._client.ping()
            self._news.clear()
            try:
                await asyncio.wait_for_ms(self._news.wait(), 250)
            except asyncio.TimeoutError:
                pass

    async def _hello(self) -> None:
        journal, said = self._journal, self._settings.held()
        said.update({"epoch": journal.epoch, "counter": journal.counter, "pending": journal.pending})
        await self._send(messages.HELLO, nonce=self._ear.hello(os.urandom(8)), firmware=FIRMWARE, **said)

    async def _send(self, kind: int, **values) -> None:  # type: ignore[no-untyped-def]
        content = envelope.content(kind, messages.UP, messages.body(kind, **values))
        await self._publish(
            (self._journal.epoch, 0), content, kind not in (messages.APPLIED, config.REJECTED)
        )

    async def _publish(  # type: ignore[no-untyped-def]
        self, sequence: tuple[int, int], content: bytes, answered: bool = True, topic=topics.up
    ) -> None:
        name = self._bundle["name"]
        message = envelope.seal_content(self._up_key, messages.UP, name, sequence, content)
        if answered and not self._unanswered:
            self._unanswered, self._asked = True, ticks.now()
        await self._client.publish(topic(name), message)

    async def _send_reports(self) -> None:
        message = await self._outbox.next()
        if message is not None:
            await self._publish(*message)
        while self.charges.said:  # after the reports: what is paid is told by these
            await self._send(till.CHARGED, nonce=self._ear.nonce, **self.charges.said.pop(0))

    def _received(self, message) -> None:  # type: ignore[no-untyped-def]
        heard = self._ear.hear(message)
        if heard is None:
            return print("link: a message was refused: %s" % self._ear.why)
        (kind, values, body), self._heard, self.silent = heard, ticks.now(), False
        if kind in online.WORDS:
            self.asking.put(kind, values)
            return
        self._unanswered = False
        if kind in self.takers:
            self.takers[kind](kind, values)
        if kind == messages.WELCOME:
            self._welcomed(values)
        elif kind == messages.ACK:
            self._acknowledged(values)
        elif kind == resend.RESEND:
            self._outbox.asked(values)
        elif kind not in self.takers and self._settings.take(kind, body, message):
            self._confirm = True
        self._settings.heard(self._heard)
        self.age.compare(self._settings)
        self._news.set()

    def _welcomed(self, values: dict) -> None:
        self.age.welcomed(values)
        self._journal.begin_epoch(values["epoch"])
        self.online, self.line.layer = True, line.UP
        if self._settings.allowed.follow(values["allowed"]) or self._settings.rejected:
            self._confirm = True

    def _acknowledged(self, values: dict) -> None:
        self._verdicts.put(values["epoch"], values["verdicts"])
        counters = [counter for counter, _code, _balance_fen in values["verdicts"]]
        self._outbox.acknowledged(values["epoch"], values["upto"], values["ranges"], counters)
