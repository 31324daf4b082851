import socket
import threading
from pathlib import Path

import pytest

from host.db.bell import Bell
from host.errors import Refused
from host.intercom import client, frames
from host.intercom.calls import CALLS, Call
from host.intercom.client import WAITING_MAX, Caller, News
from tests.host.intercom.conftest import Intake
from tests.waiting import until


def refused(caller: Caller, call: str, code: str) -> str:
    with pytest.raises(Refused) as caught:
        caller.call(call)
    assert (caught.value.status, caught.value.code) == (503, code)
    return str(caught.value)


def test_without_an_intake_nothing_was_done(tmp_path: Path) -> None:
    assert "nothing was done" in refused(Caller(tmp_path / "nobody"), "issue card", "away")


def test_an_intake_that_is_being_started_is_waited_for_but_not_for_ever(
    intake: Intake, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "AWAY_S", 0.05)
    assert "nothing was done" in refused(caller, "issue card", "away")
    monkeypatch.setattr(client, "AWAY_S", 20)
    answers: list[object] = []
    thread = threading.Thread(target=lambda: answers.append(Caller(intake.path).call("health", n=1)))
    thread.start()
    intake.start()
    thread.join(20)
    assert answers == [{"n": 1}]


def test_a_kept_connection_to_an_intake_that_is_gone_is_made_anew(intake: Intake, caller: Caller) -> None:
    for n in range(3):
        intake.start()
        assert caller.call("health", n=n) == {"n": n}
        intake.stop()


@pytest.mark.parametrize("call, word", [("issue card", "look it up first"), ("health", "ask again")])
@pytest.mark.parametrize("answer", [b"", b"\0\0\0\1x", b"\0\0"])
def test_a_call_whose_answer_is_lost_says_what_to_do(
    intake: Intake, caller: Caller, call: str, word: str, answer: bytes
) -> None:
    def die() -> None:
        """The far end: takes one call and dies over it."""
        sock, _ = intake.listener.accept()
        with sock:
            frames.send(sock, {"intake": "test"})
            frames.receive(sock, 5)
            sock.sendall(answer)

    thread = threading.Thread(target=die)
    thread.start()
    assert word in refused(caller, call, "answer-lost")
    thread.join(5)


def test_a_late_answer_is_not_taken_for_that_of_the_next_call(
    intake: Intake, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CALLS, "issue card", Call(0.05, changes=True))
    intake.start()
    assert "look it up first" in refused(caller, "issue card", "answer-lost")
    intake.go_on.set()
    assert caller.call("health", n=1) == {"n": 1}


def test_so_many_wait_and_who_comes_then_is_told_at_once(intake: Intake, caller: Caller) -> None:
    intake.start()
    answers: list[object] = []
    threads = [
        threading.Thread(target=lambda: answers.append(caller.call("issue card"))) for _ in range(WAITING_MAX)
    ]
    for thread in threads:
        thread.start()
    until(lambda: len(intake.asked) == WAITING_MAX)
    assert "nothing was done" in refused(caller, "health", "busy")
    intake.go_on.set()
    for thread in threads:
        thread.join(20)
    assert answers == ["done"] * WAITING_MAX
    assert caller.call("health") == {}


def rung(bell: Bell, count: int) -> None:
    until(lambda: bell.count >= count)
    assert bell.count == count


def test_news_ring_the_bell_and_so_does_an_intake_that_was_started_again(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "AGAIN_S", 0.01)
    bell = Bell()
    news = News(intake.path, bell)
    news.start()  # before there is an intake
    theirs = intake.start()
    rung(bell, 1)
    theirs.ring()
    rung(bell, 2)
    intake.stop()
    theirs = intake.start()
    rung(bell, 3)
    theirs.ring()
    rung(bell, 4)
    news.stop()
    news._thread.join(5)
    assert not news._thread.is_alive()


def test_a_quiet_intake_does_not_ring_the_bell(tmp_path: Path) -> None:
    bell = Bell()
    news = News(tmp_path / "intake.sock", bell)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "intake.sock"))
        listener.listen()
        news.start()
        sock, _ = listener.accept()
        with sock:
            frames.send(sock, {"intake": "test"})
            assert frames.receive(sock, 5) == {"call": "news"}
            for count in (7, 7, 7, 8):
                frames.send(sock, {"news": count})
            rung(bell, 2)
            news.stop()
            news._thread.join(5)
