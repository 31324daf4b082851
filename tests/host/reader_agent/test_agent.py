"""The agent's loop with cards that misbehave: what the host hears, and that nothing ends the loop."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from host.cards.readers import CardConnection, CardGone, Found, Reader, ReaderError
from host.reader_agent.agent import Agent
from host.reader_agent.line import Event
from protocol.wire import messages, online
from tests.host.reader_agent.test_conversation import WELCOME, Host
from tests.waiting import until

UID = bytes.fromhex("04A1B2C3D4E580")


class OddCard(CardConnection):
    """Answers as it is told."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self.uid, self._answer = UID, answer

    def send_and_receive(self, apdu: bytes) -> bytes:
        return self._answer(apdu)


class OddReader(Reader):
    """What lies there is set by the test; senses counts how often a card was switched on,
    empties how often there was none."""

    def __init__(self) -> None:
        self.found: Found | None = None
        self.senses = self.empties = 0
        self.broken = False

    def sense(self) -> Found | None:
        self._whole()
        self.senses += self.found is not None
        self.empties += self.found is None
        return self.found

    def present(self) -> bool:
        self._whole()
        return self.found is not None

    def _whole(self) -> None:
        if self.broken:
            raise ReaderError("The reader stopped answering: unplug it.")


class Desk:
    """An agent that runs in a thread; the far end is the test's."""

    def __init__(self) -> None:
        self.host, self.reader, self.opened = Host(), OddReader(), 0
        self.stopping = threading.Event()
        agent = Agent(self.host.side, "tty:odd", self.stopping, self._opens)
        self.thread = threading.Thread(target=agent.run)
        self.host.welcome()

    @contextmanager
    def _opens(self, _name: str) -> Iterator[Reader]:
        self.opened += 1
        self.reader.broken = False
        yield self.reader

    def lay(self, answer: Callable[[bytes], bytes]) -> None:
        self.reader.found = Found(UID, OddCard(answer))

    def asks(self) -> list[dict[str, Any]]:
        return [values for _, kind, values in self.host.heard if kind == online.ASK]

    def answers(self) -> list[dict[str, Any]]:
        return [values for _, kind, values in self.host.heard if kind == online.ANSWER and values["session"]]

    def lefts(self) -> int:
        return sum(kind == online.ANSWER and not values["session"] for _, kind, values in self.host.heard)

    def step(self, session: int, number: int, request: bytes, count: int = 1) -> None:
        told = {"request": request, "session": session, "step": number, "apdus": [b"\x90\x60\x00"] * count}
        payload = self.host.says(online.RELAY, online.number(session, number), **told)
        self.host.events.put(Event("heard", payload=payload))

    def decide(self, session: int, number: int, request: bytes, code: int) -> None:
        told = {"request": request, "code": code, "amount_fen": 0, "balance_fen": 0, "reason": "again"}
        payload = self.host.says(online.DECISION, online.number(session, number), **told)
        self.host.events.put(Event("heard", payload=payload))


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    desk.thread.start()
    yield desk
    alive = desk.thread.is_alive()
    desk.stopping.set()
    desk.thread.join()
    assert alive, "nothing ended the loop"


def test_a_card_is_told_with_its_steps_answered_and_told_as_gone(desk: Desk) -> None:
    desk.lay(lambda apdu: apdu[:1] + b"\x91\x00")
    until(lambda: len(desk.asks()) == 1)
    (asked,) = desk.asks()
    assert (asked["wants"], asked["uid"], asked["card"]) == (online.DESK, UID, online.PURSE)
    desk.step(1, 1, asked["request"], count=2)
    until(lambda: len(desk.answers()) == 1)
    assert (desk.answers()[0]["answers"], desk.answers()[0]["gone"]) == ([b"\x90\x91\x00"] * 2, 0)
    desk.reader.found = None
    until(lambda: desk.lefts() == 1)


@pytest.mark.parametrize("answer", [b"", b"\x91", bytes(262), bytes(5000)])
def test_garbage_of_a_card_counts_as_a_card_that_is_gone_and_it_is_switched_on_anew(
    desk: Desk, answer: bytes
) -> None:
    desk.lay(lambda _apdu: answer)
    until(lambda: len(desk.asks()) == 1)
    desk.step(1, 1, desk.asks()[0]["request"])
    until(lambda: len(desk.asks()) == 2)
    assert (desk.answers()[0]["answers"], desk.answers()[0]["gone"]) == ([], 1)
    assert desk.asks()[0]["request"] != desk.asks()[1]["request"] and desk.reader.senses == 2


def test_steps_for_another_request_get_no_card(desk: Desk) -> None:
    carried: list[bytes] = []
    desk.lay(lambda apdu: carried.append(apdu) or b"\x91\x00")  # type: ignore[func-returns-value]
    until(lambda: len(desk.asks()) == 1)
    desk.step(1, 1, b"another!")
    until(lambda: len(desk.answers()) == 1)
    assert (desk.answers()[0]["gone"], carried) == (1, [])


def test_a_step_while_no_card_lies_there_is_answered_at_once(desk: Desk) -> None:
    desk.step(3, 1, bytes(8))
    until(lambda: len(desk.answers()) == 1)
    assert (desk.answers()[0]["session"], desk.answers()[0]["gone"]) == (3, 1)


def test_after_the_hosts_last_word_the_card_begins_anew(desk: Desk) -> None:
    desk.lay(lambda _apdu: b"\x91\x00")
    until(lambda: len(desk.asks()) == 1)
    desk.decide(1, 1, b"another!", online.UNKNOWN)  # to a request that is not ours: nothing
    desk.decide(1, 2, desk.asks()[0]["request"], online.UNKNOWN)
    until(lambda: len(desk.asks()) == 2)
    assert desk.reader.senses == 2


def test_with_each_connection_the_card_begins_anew(desk: Desk) -> None:
    desk.lay(lambda _apdu: b"\x91\x00")
    until(lambda: len(desk.asks()) == 1)
    desk.host.events.put(Event("up"))
    until(lambda: desk.reader.senses == 2)
    welcome = desk.host.says(messages.WELCOME, **WELCOME)
    desk.host.events.put(Event("heard", payload=welcome))
    until(lambda: len(desk.asks()) == 2)
    assert desk.asks()[0]["nonce"] != desk.asks()[1]["nonce"]


def test_a_card_that_lies_there_is_told_again_by_the_same_request(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(online, "STILL_MS", 1)
    desk.lay(lambda _apdu: b"\x91\x00")
    until(lambda: len(desk.asks()) >= 3)
    assert len({asked["request"] for asked in desk.asks()}) == 1 and desk.reader.senses == 1


@pytest.mark.parametrize("uid", [b"", bytes(3), bytes(11)])
def test_a_uid_that_is_none_is_not_asked_for(desk: Desk, uid: bytes) -> None:
    desk.reader.found = Found(uid, None, "It tells no UID.")
    until(lambda: desk.reader.senses == 1)
    before, desk.reader.found = desk.reader.empties, None
    until(lambda: desk.reader.empties > before)
    desk.lay(lambda _apdu: b"\x91\x00")
    until(lambda: len(desk.asks()) == 1)
    assert desk.asks()[0]["uid"] == UID and desk.lefts() == 0


def test_a_reader_that_breaks_is_opened_anew(desk: Desk) -> None:
    desk.lay(lambda _apdu: b"\x91\x00")
    until(lambda: len(desk.asks()) == 1)
    desk.reader.broken = True
    until(lambda: desk.opened == 2)
    until(lambda: len(desk.asks()) == 2)
    assert desk.lefts() == 1


def test_a_card_that_leaves_in_a_step(desk: Desk) -> None:
    def gone(_apdu: bytes) -> bytes:
        desk.reader.found = None
        raise CardGone

    desk.lay(gone)
    until(lambda: len(desk.asks()) == 1)
    desk.step(1, 1, desk.asks()[0]["request"])
    until(lambda: len(desk.answers()) == 1 and desk.lefts() == 1)
    assert desk.answers()[0]["gone"] == 1
