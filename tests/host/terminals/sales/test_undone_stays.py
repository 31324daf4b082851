"""Stays of which doors say late, together or out of order that they did not open."""

import pytest

from host.cards import late_stays, passes, stays
from protocol.wire import online
from tests.host.looks import holds
from tests.host.rig import Shop
from tests.host.terminals.relay.terminal import Terminal, Terminals
from tests.host.terminals.sales.payments import UID
from tests.host.terminals.sales.stay import Clock, came_in, sell, tap, told
from tests.host.terminals.sales.test_entries import enter


def test_taps_that_are_undone_in_one_batch_leave_nobody_inside(
    shop: Shop, hall: Terminal, later: Clock
) -> None:
    one = sell(shop, 600)
    lost = [hall.kiosk.next_number() for _ in range(2)]
    for seconds, number in zip((0, 60), lost, strict=True):
        later(seconds)
        assert came_in(enter(hall, UID, number))
    told(shop, hall.kiosk, *lost, kind=online.REVERSAL)
    assert shop.look(stays.newest, [one]) is None and shop.look(passes.left, one) == 600
    holds(shop)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=str)
@pytest.mark.parametrize("together", [False, True])
def test_a_way_in_and_a_way_out_that_are_undone_leave_nobody_inside(
    shop: Shop, hall: Terminal, later: Clock, order: tuple[int, ...], together: bool
) -> None:
    one = sell(shop, 600)
    lost = [hall.kiosk.next_number() for _ in range(2)]
    enter(hall, UID, lost[0])
    later(900)
    assert enter(hall, UID, lost[1])["used_min"] == 15
    numbers = [lost[place] for place in order]
    for each in [numbers] if together else [[number] for number in numbers]:
        told(shop, hall.kiosk, *each, kind=online.REVERSAL)
    assert shop.look(stays.inside) == [] and shop.look(passes.left, one) == 600
    holds(shop)


def test_who_never_came_in_gets_back_what_a_stay_counted_that_ended_by_itself(
    shop: Shop, hall: Terminal, terminals: Terminals, later: Clock
) -> None:
    one = sell(shop, 600, stay_min=120)
    lost = hall.kiosk.next_number()
    enter(hall, UID, lost)
    later(180 * 60)
    late_stays.close(shop.opened.database)
    assert shop.look(passes.left, one) == 480
    told(shop, hall.kiosk, lost, kind=online.REVERSAL)
    assert shop.look(passes.left, one) == 600 and shop.look(stays.inside) == []
    assert came_in(tap(shop, terminals.add("K2")))
    holds(shop)
