"""The conversation with the host: hello until it is welcomed, and words for the card that lies there."""

import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, Protocol

import structlog

from host.reader_agent.line import Event
from host.reader_agent.talk import Talk
from protocol.wire import messages, online, topics

HELLO_S = 3.0  # again, while no welcome comes
QUIET_S = 20.0  # after so long without a word the host is asked for one
SILENT_S = 10.0  # then the clerk is told
_log = structlog.get_logger()
Word = tuple[int, dict[str, Any]]  # a step or a decision


class Publishes(Protocol):
    """A Line."""

    def publish(self, topic: str, message: bytes, qos: int) -> None:
        """See Line."""


class Conversation:
    """online: the host has answered this connection's hello. One thread calls it."""

    def __init__(
        self,
        talk: Talk,
        line: Publishes,
        events: "SimpleQueue[Event]",
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.talk, self._line, self._events, self._now_s = talk, line, events, now_s
        self._up = self.online = False
        self._hello_s = self._heard_s = 0.0
        self._said = ""  # of what is wrong: one line an outage

    def next(self, wait_s: float) -> Word | None:
        """What the host says of a card, waited for so long; what else happens is done meanwhile."""
        try:
            event = self._events.get(timeout=wait_s)
        except Empty:
            event = None
        word = None if event is None else self._take(event)
        if self._up and not self.online and self._now_s() - self._heard_s > SILENT_S:
            self._complain(
                "the broker is there, the host does not answer: does it run, and is this bundle still good?"
            )
        wait_s = QUIET_S if self.online else HELLO_S
        if self._up and self._now_s() - max(self._hello_s, self._heard_s if self.online else 0) > wait_s:
            self._hello()
        return word

    def relay(self, message: bytes) -> None:
        """A request, or what a card said. What is late is worth nothing: QoS 0."""
        self._line.publish(topics.relay(self.talk.name), message, 0)

    def _take(self, event: Event) -> Word | None:
        if event.kind == "up":
            self.talk.begin()
            self._up, self.online, self._heard_s = True, False, self._now_s()
            self._hello()
        elif event.kind == "down":
            self._up = self.online = False
            self._complain("no connection to the broker", reason=event.what)
        elif event.kind == "heard":
            return self._hear(event.payload)
        return None

    def _hear(self, payload: bytes) -> Word | None:
        heard = self.talk.hear(payload)
        if heard is None:
            _log.info("a message was refused", reason=self.talk.why)
            return None
        self._heard_s = self._now_s()
        kind, values = heard
        if kind in (online.RELAY, online.DECISION):
            return kind, values
        if kind == messages.WELCOME and not self.online:
            self.online, self._said = True, ""
            _log.info("the host is there")
        return None

    def _hello(self) -> None:
        self._hello_s = self._now_s()
        self._line.publish(topics.up(self.talk.name), self.talk.hello(), 1)

    def _complain(self, sentence: str, **more: str) -> None:
        if sentence != self._said:
            self._said = sentence
            _log.warning(sentence, **more)
