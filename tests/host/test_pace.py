"""So often in so many seconds; a name that was forgotten begins anew, all together do not."""

import pytest
from pytest_mock import MockerFixture, MockType

from host.pace import Pace, Paces


@pytest.fixture
def now(mocker: MockerFixture) -> MockType:
    return mocker.patch("host.pace.time.monotonic", return_value=50.0)


def test_the_oldest_makes_room_after_the_span(now: MockType) -> None:
    pace = Pace(2, 10.0)
    assert pace.admit()
    now.return_value = 55.0
    assert [pace.admit(), pace.admit()] == [True, False]
    now.return_value = 60.0
    assert [pace.admit(), pace.admit()] == [True, False]
    now.return_value = 64.9
    assert not pace.admit(), "what was refused does not count, what was admitted does"


def test_fewer_this_time(now: MockType) -> None:
    pace = Pace(3, 10.0)
    assert pace.admit() and not pace.admit(1) and pace.admit()
    now.return_value = 60.0
    assert pace.admit(1)


def test_each_name_has_its_own_and_all_have_one(now: MockType) -> None:
    paces = Paces(each=2, together=5, span_s=10.0, names_max=3)
    assert [paces.admit("a") for _ in range(3)] == [True, True, False]
    assert [paces.admit("b") for _ in range(2)] == [True, True]
    assert [paces.admit("c"), paces.admit("d")] == [True, False]
    now.return_value = 60.0
    assert paces.admit("d")


def test_of_many_names_those_that_came_last_are_remembered(now: MockType) -> None:
    paces = Paces(each=1, together=99, span_s=10.0, names_max=2)
    assert paces.admit("a") and paces.admit("b") and not paces.admit("a")
    assert paces.admit("c") and not paces.admit("a")
    assert paces.admit("b"), "forgotten when c came"
