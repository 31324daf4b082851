"""Two that work at the same time: a core each, given back at the end, and nothing worse than before where
that cannot be."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from pytest_mock import MockerFixture

from host.terminals.intake import cores

pytestmark = pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="one core, or not to choose",
)


@pytest.fixture
def other() -> Iterator[int]:
    """A process that waits for its input to end."""
    command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        yield process.pid
        assert process.stdin is not None
        process.stdin.close()


def test_the_other_has_a_core_to_itself_until_ours_are_given_back(other: int) -> None:
    before = os.sched_getaffinity(0)
    given = cores.apart(other)
    try:
        mine, its = os.sched_getaffinity(0), os.sched_getaffinity(other)
        assert its == {max(before)} and mine == before - its
    finally:
        assert given is not None
        cores.give_back(given)
    assert os.sched_getaffinity(0) == before


def test_another_thread_gives_them_back_to_the_one_that_had_them(other: int) -> None:
    before = os.sched_getaffinity(0)
    given = cores.apart(other)
    assert given is not None
    giver = threading.Thread(target=cores.give_back, args=(given,))
    giver.start()
    giver.join()
    assert os.sched_getaffinity(0) == before


def test_where_it_is_not_allowed_nothing_is_done(mocker: MockerFixture, other: int) -> None:
    before = os.sched_getaffinity(0)
    real = os.sched_setaffinity

    def refused(one: int, wanted: set[int]) -> None:
        if one != other and wanted != before:
            raise PermissionError
        real(one, wanted)

    mocker.patch.object(os, "sched_setaffinity", refused)
    assert cores.apart(other) is None
    assert os.sched_getaffinity(0) == before


def test_one_core_is_not_divided(mocker: MockerFixture, other: int) -> None:
    mocker.patch.object(os, "sched_getaffinity", return_value={0})
    given = mocker.patch.object(os, "sched_setaffinity")
    assert cores.apart(other) is None and not given.called


def test_a_system_without_such_a_call_is_asked_nothing(monkeypatch: pytest.MonkeyPatch, other: int) -> None:
    monkeypatch.delattr(os, "sched_setaffinity")
    monkeypatch.delattr(os, "sched_getaffinity")
    assert cores.apart(other) is None


def test_a_thread_that_has_ended_is_no_fault() -> None:
    ended = threading.Thread(target=lambda: None)
    ended.start()
    ended.join()
    cores.give_back(cores.Given(ended.native_id or 0, os.sched_getaffinity(0)))
