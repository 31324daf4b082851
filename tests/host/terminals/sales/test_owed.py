"""Minutes that were used and not there are owed, and paid before anybody enters by other passes."""

from host import clock
from host.cards import passes, stays
from protocol.wire import online
from tests.host.looks import holds
from tests.host.rig import Shop
from tests.host.terminals.relay.terminal import Terminal
from tests.host.terminals.sales.payments import UID
from tests.host.terminals.sales.stay import Clock, sell, tap, told
from tests.host.terminals.sales.test_entries import enter


def test_whoever_used_more_than_there_was_goes_out_and_owes_it(
    shop: Shop, hall: Terminal, later: Clock
) -> None:
    one = sell(shop, 60)
    tap(shop, hall)
    later(85 * 60)
    said = tap(shop, hall)
    assert (said["used_min"], said["left_min"]) == (85, -25)
    later(86 * 60)
    assert tap(shop, hall)["reason"] == "used"
    more = sell(shop, 20)
    assert (shop.look(passes.left, more), shop.look(stays.owed_min, [one])) == (0, 5)
    assert tap(shop, hall)["reason"] == "used"
    more = sell(shop, 100)
    assert (shop.look(passes.left, more), shop.look(stays.owed_min, [one])) == (95, 0)
    assert tap(shop, hall)["left_min"] == 95
    holds(shop)


def test_another_pass_of_the_card_pays_what_one_lacks(shop: Shop, hall: Terminal, later: Clock) -> None:
    first, second = sell(shop, 60), sell(shop, 600)
    assert tap(shop, hall)["left_min"] == 660
    later(85 * 60)
    said = tap(shop, hall)
    assert (said["used_min"], said["left_min"]) == (85, 575)
    assert (shop.look(passes.left, first), shop.look(passes.left, second)) == (0, 575)
    holds(shop)


def test_what_was_owed_and_paid_is_given_back_as_minutes(shop: Shop, hall: Terminal, later: Clock) -> None:
    one = sell(shop, 60)
    tap(shop, hall)
    later(90 * 60)
    lost = hall.kiosk.next_number()
    assert enter(hall, UID, lost)["left_min"] == -30
    other = sell(shop, 20)
    told(shop, hall.kiosk, lost, kind=online.REVERSAL)
    assert [shop.look(passes.left, each) for each in (one, other)] == [80, 0]
    assert shop.look(stays.owed_min, [one]) == 0
    later(91 * 60)
    assert tap(shop, hall)["left_min"] == -11
    holds(shop)


def test_a_pass_that_ends_while_somebody_is_inside(shop: Shop, hall: Terminal, later: Clock) -> None:
    end_s = clock.now_s() + 3600
    one = sell(shop, 90, end_s)
    tap(shop, hall)
    later(2 * 3600)
    said = tap(shop, hall)
    assert (said["used_min"], said["left_min"]) == (120, 0), "what it lost at its end is not owed"
    assert shop.look(passes.left, one) == 0 and shop.look(stays.owed_min, [one]) == 0
    assert tap(shop, hall)["used_min"] == 120, "the same tap"
    later(3 * 3600)
    assert tap(shop, hall)["reason"] == "expired"
    holds(shop)
