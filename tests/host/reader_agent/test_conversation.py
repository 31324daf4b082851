"""Hello until it is welcomed, one line an outage, and only the host's own fresh word."""

from queue import SimpleQueue
from typing import Any

import pytest
from structlog.testing import capture_logs

from host.reader_agent.conversation import HELLO_S, QUIET_S, SILENT_S, Conversation
from host.reader_agent.line import Event
from host.reader_agent.talk import Talk
from protocol.wire import envelope, messages, online
from protocol.wire.mac import kiosk_keys

SECRET = b"s" * 32
WELCOME = {"epoch": 1, "now_s": 1, "hotlist": 0, "allowed": 0}
GIVEN = {"name": "DESK1", "secret": SECRET, "epoch": 1}


class Host:
    """The far end: what is published, opened with the reader's key; and the clock."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.events: SimpleQueue[Event] = SimpleQueue()
        self.talk = Talk(GIVEN)
        self.heard: list[tuple[str, int, dict[str, Any]]] = []
        self.side = Conversation(self.talk, self, self.events, lambda: self.now_s)
        self._counter = 0

    def publish(self, topic: str, message: bytes, qos: int) -> None:
        _, kind, body = envelope.open_(kiosk_keys(SECRET)[0], messages.UP, "DESK1", message)
        self.heard.append((topic.rsplit("/", 1)[1], kind, messages.fields(kind, body)))

    def says(self, kind: int, sequence: tuple[int, int] | None = None, **values: Any) -> bytes:
        self._counter += 1
        body = messages.body(kind, **({"nonce": self.talk.nonce} | values))
        down = kiosk_keys(SECRET)[1]
        return envelope.seal(down, messages.DOWN, "DESK1", sequence or (0, self._counter), kind, body)

    def step(self, session: int = 1, step: int = 1) -> bytes:
        told = {"request": bytes(8), "session": session, "step": step, "apdus": [b"\x90\x60\x00\x00\x00"]}
        return self.says(online.RELAY, online.number(session, step), **told)

    def tell(self, *events: Event) -> list[object]:
        for event in events:
            self.events.put(event)
        return [self.side.next(0.001) for _ in events]

    def welcome(self) -> None:
        self.tell(Event("up"))
        self.tell(Event("heard", payload=self.says(messages.WELCOME, **WELCOME)))
        assert self.side.online

    def hellos(self) -> int:
        return sum(kind == messages.HELLO for _, kind, _ in self.heard)


@pytest.fixture
def host() -> Host:
    return Host()


def test_hello_is_said_again_until_it_is_answered_and_the_clerk_is_told_once(host: Host) -> None:
    with capture_logs() as logs:
        host.tell(Event("up"))
        assert host.heard[0][:2] == ("up", messages.HELLO) and host.heard[0][2]["config"] == 0
        for _ in range(5):
            host.now_s += HELLO_S + 0.1
            host.side.next(0.001)
    assert host.hellos() == 6 and not host.side.online
    assert [one["event"][:32] for one in logs] == ["the broker is there, the host do"] and SILENT_S < 15


def test_a_long_silence_asks_for_a_word(host: Host) -> None:
    host.welcome()
    host.side.next(0.001)
    assert host.hellos() == 1
    host.now_s += QUIET_S + 0.1
    host.side.next(0.001)
    host.side.next(0.001)
    assert host.hellos() == 2 and host.heard[0][2]["nonce"] == host.heard[-1][2]["nonce"]


def test_each_connection_has_a_nonce_of_its_own_and_nothing_of_the_former_counts(host: Host) -> None:
    host.welcome()
    old = host.step()
    assert host.tell(Event("heard", payload=old)) != [None]
    host.tell(Event("down", "cut"), Event("up"))
    assert not host.side.online
    assert host.tell(Event("heard", payload=old)) == [None]
    assert host.heard[0][2]["nonce"] != host.heard[-1][2]["nonce"]


def test_a_step_is_heard_once_and_no_junk_ends_it(host: Host) -> None:
    host.welcome()
    step = host.step()
    junk = [b"", b"\xff" * 40, step[:-1], step[:-1] + bytes([step[-1] ^ 1]), bytes(9000)]
    events = [Event("heard", payload=payload) for payload in (*junk, step, step)]
    assert [word is not None for word in host.tell(*events)] == [False] * 5 + [True, False]


def test_an_outage_is_one_line(host: Host) -> None:
    with capture_logs() as logs:
        host.tell(*[Event("down", "no answer")] * 3)
        host.welcome()
        host.tell(Event("down", "no answer"))
    assert [one["event"] for one in logs] == [
        "no connection to the broker",
        "the host is there",
        "no connection to the broker",
    ]
