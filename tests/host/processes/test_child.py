import os
import signal
from types import SimpleNamespace

import pytest

from host.processes import child
from host.processes.child import PAUSES_S, SOUND_S, Child
from tests.waiting import until


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    clock = SimpleNamespace(now_s=1000.0, monotonic=lambda: clock.now_s)
    monkeypatch.setattr(child, "time", clock)
    return clock


def test_who_keeps_dying_is_started_after_pauses_that_grow_to_a_bound(clock: SimpleNamespace) -> None:
    starts: list[float] = []
    one = Child("test", lambda: starts.append(clock.now_s) or 4321)
    pauses = []
    for _ in range(7):
        assert one.start_when_due() is None and one.pid == 4321
        one.pid = 0  # it died
        one.fell(1)
        pause_s = one.start_when_due()
        assert pause_s is not None, "not before its time"
        pauses.append(round(pause_s, 6))
        clock.now_s += pause_s
    assert pauses == [*PAUSES_S, PAUSES_S[-1], PAUSES_S[-1]]
    assert one.start_when_due() is None
    clock.now_s += SOUND_S
    one.pid = 0
    assert one.fell(-9) == PAUSES_S[0], "it lived long enough to be sound"
    assert len(starts) == 8


def test_a_system_that_cannot_start_a_process_is_asked_again(clock: SimpleNamespace) -> None:
    answers = iter([OSError("no memory"), 4321])

    def start() -> int:
        answer = next(answers)
        if isinstance(answer, int):
            return answer
        raise answer

    one = Child("test", start)
    assert one.start_when_due() == PAUSES_S[0] and not one.pid
    clock.now_s += PAUSES_S[0]
    assert one.start_when_due() is None and one.pid == 4321


@pytest.mark.parametrize("end, code", [(lambda: os._exit(3), 3), (signal.pause, -signal.SIGKILL)])
def test_how_a_child_ended_is_told_once(end: object, code: int) -> None:
    def start() -> int:
        pid = os.fork()
        if not pid:
            assert callable(end)
            end()
            os._exit(0)
        return pid

    one = Child("test", start)
    one.start_when_due()
    if code < 0:
        assert one.reap() is None
        os.kill(one.pid, signal.SIGKILL)
    codes = []
    until(lambda: codes.append(one.reap()) or codes[-1] is not None)
    assert codes[-1] == code and one.reap() is None and one.pid == 0
