"""A card with a pass of minutes at doors: in, out, again, undone, and never counted twice."""

import itertools

import pytest

from host import clock
from host.cards import passes, stays
from protocol.wire import online
from tests.host.looks import holds
from tests.host.rig import Shop
from tests.host.terminals.relay.terminal import Terminal, Terminals
from tests.host.terminals.sales.payments import UID
from tests.host.terminals.sales.stay import Clock, came_in, sell, tap, told
from tests.host.terminals.sales.test_entries import enter, grant


def test_in_and_out_book_the_minutes_that_were_begun(shop: Shop, hall: Terminal, later: Clock) -> None:
    one = sell(shop, 600)
    for begin_s, end_s, used, left in (
        (0, 60, 1, 599),
        (100, 161, 2, 597),
        (200, 216, 1, 596),
        (300, 300 + 75 * 60, 75, 521),
    ):
        later(begin_s)
        said = tap(shop, hall)
        assert came_in(said) and said["left_min"] == left + used and "left" not in said
        later(end_s)
        said = tap(shop, hall)
        assert (said["used_min"], said["left_min"]) == (used, left)
    assert shop.look(passes.left, one) == 521
    holds(shop)


def test_a_second_tap_at_once_does_nothing_more(shop: Shop, hall: Terminal, later: Clock) -> None:
    sell(shop, 600)
    for seconds, inside in ((0, True), (14, True), (600, False), (614, False), (616, True), (630, True)):
        later(seconds)
        assert came_in(tap(shop, hall)) == inside, seconds
    assert shop.query("SELECT count(*) FROM stays") == [(2,)]
    assert shop.query("SELECT used_min, booked_min FROM stay_steps") == [(10, 10)]
    holds(shop)


def test_while_its_door_has_not_said_that_it_opened_a_card_stands_before_it(
    shop: Shop, hall: Terminal, terminals: Terminals, later: Clock
) -> None:
    """The answer was lost, the kiosk is dead, and the holder goes to the door beside."""
    sell(shop, 600)
    beside = terminals.add("K2")
    lost = hall.kiosk.next_number()
    assert came_in(enter(hall, UID, lost))
    later(120)
    assert came_in(tap(shop, beside)), "nobody is inside yet"
    later(3600)
    lost_out = hall.kiosk.next_number()
    assert enter(hall, UID, lost_out)["used_min"] == 60
    later(3700)
    assert tap(shop, beside)["used_min"] == 60
    later(4000)
    for number in (lost, lost_out):
        told(shop, hall.kiosk, number, kind=online.REVERSAL)
    assert shop.query("SELECT what, used_min FROM stay_steps") == [("out", 60)], "another door opened"
    assert came_in(tap(shop, beside))
    holds(shop)


def test_a_door_that_is_silent_for_long_did_open(shop: Shop, hall: Terminal, later: Clock) -> None:
    sell(shop, 600)
    enter(hall, UID)
    later(600)
    assert enter(hall, UID)["used_min"] == 10
    later(1200)
    assert came_in(enter(hall, UID))
    holds(shop)


def test_two_doors_at_once_are_one_tap(shop: Shop, hall: Terminal, terminals: Terminals) -> None:
    sell(shop, 600)
    beside = terminals.add("K2")
    for each in (hall, beside):
        each.ask(UID, online.ENTER, each.kiosk.next_number()[1], card=online.PLAIN)
    assert all(came_in(each.decided()) for each in (hall, beside))
    assert shop.query("SELECT count(*) FROM stays") == [(1,)]
    holds(shop)


def test_the_same_number_has_the_same_answer_for_ever(shop: Shop, hall: Terminal, later: Clock) -> None:
    sell(shop, 600)
    numbers = [hall.kiosk.next_number() for _ in range(2)]
    said = []
    for at_s, number in zip((0, 3600), numbers, strict=True):
        later(at_s)
        said.append(tap(shop, hall, number))
    later(9000)
    for number, before in zip(numbers, said, strict=True):
        again = enter(hall, UID, number)
        assert {**again, "request": b""} == {**before, "request": b""}
    assert shop.query("SELECT count(*) FROM stays") == [(1,)]
    holds(shop)


@pytest.mark.parametrize("order", list(itertools.permutations(("ask", "reverse", "reverse again"))))
def test_a_reversal_of_the_way_in_leaves_nobody_inside(
    shop: Shop, hall: Terminal, order: tuple[str, ...]
) -> None:
    one = sell(shop, 600)
    number = hall.kiosk.next_number()
    for step in order:
        if step == "ask":
            assert enter(hall, UID, number)["reason"] == ("" if order[0] == "ask" else "reversed")
        else:
            told(shop, hall.kiosk, number, kind=online.REVERSAL)
    assert shop.look(stays.newest, [one]) is None and shop.look(stays.inside) == []
    assert came_in(tap(shop, hall))
    holds(shop)


def test_a_reversal_of_the_way_out_goes_on_with_the_stay(shop: Shop, hall: Terminal, later: Clock) -> None:
    one = sell(shop, 600)
    tap(shop, hall)
    later(600)
    lost = hall.kiosk.next_number()
    assert enter(hall, UID, lost)["left_min"] == 590
    for _ in range(2):
        told(shop, hall.kiosk, lost, kind=online.REVERSAL)
    assert shop.look(passes.left, one) == 600
    later(610)
    assert tap(shop, hall)["used_min"] == 11
    assert shop.query("SELECT what FROM stay_steps ORDER BY id") == [("out",), ("back",), ("out",)]
    holds(shop)


def test_a_way_out_that_is_undone_after_the_next_way_in_stands(
    shop: Shop, hall: Terminal, later: Clock
) -> None:
    sell(shop, 600)
    tap(shop, hall)
    later(600)
    lost = hall.kiosk.next_number()
    enter(hall, UID, lost)
    later(1300)
    assert came_in(tap(shop, hall))
    told(shop, hall.kiosk, lost, kind=online.REVERSAL)
    assert len(shop.look(stays.inside)) == 1
    later(1400)
    assert tap(shop, hall)["used_min"] == 2
    holds(shop)


def test_a_clock_that_goes_back_books_a_minute_and_keeps_nobody(
    shop: Shop, hall: Terminal, later: Clock
) -> None:
    sell(shop, 600)
    later(7200)
    tap(shop, hall)
    later(0)
    said = tap(shop, hall)
    assert (said["used_min"], said["left_min"]) == (1, 599)
    holds(shop)


def test_a_stay_counts_its_most_and_ends_by_itself_an_hour_later(
    shop: Shop, hall: Terminal, later: Clock
) -> None:
    one = sell(shop, 600, stay_min=120)
    tap(shop, hall)
    later(179 * 60)
    assert tap(shop, hall)["used_min"] == 120, "late, and still on his way out"
    later(200 * 60)
    tap(shop, hall)
    later(380 * 60)
    said = tap(shop, hall)
    assert came_in(said) and said["left_min"] == 360, "he must have gone without a tap"
    assert shop.query("SELECT what, used_min FROM stay_steps ORDER BY id") == [("out", 120), ("limit", 120)]
    assert shop.look(passes.left, one) == 360
    holds(shop)


def test_hours_are_for_the_way_in_alone(shop: Shop, hall: Terminal, later: Clock) -> None:
    minute = (clock.now_s() + 8 * 3600) // 60 % 1440
    sell(shop, 600, hours=(minute, (minute + 30) % 1440))
    tap(shop, hall)
    later(3600)
    assert tap(shop, hall)["used_min"] == 60
    later(3700)
    assert tap(shop, hall)["reason"] == "off_hours"
    holds(shop)


def test_a_period_costs_no_minutes_and_visits_that_end_first_are_used_first(
    shop: Shop, hall: Terminal, later: Clock
) -> None:
    end_s = clock.now_s() + 86_400
    one = sell(shop, 600)
    visits = grant(shop, UID, 1, end_s - 100, again=0)
    assert enter(hall, UID)["left"] == 0
    period = grant(shop, UID, 0, end_s)
    said = enter(hall, UID)
    assert "left_min" not in said and "left" not in said
    assert shop.query("SELECT pass_id FROM entries ORDER BY counter") == [(visits,), (period,)]
    assert shop.look(passes.left, one) == 600
    holds(shop)
