"""Kiosks that an update waits for, and those that it does not."""

from host.terminals.updates import rollouts
from tests.host.rig import Shop
from tests.host.terminals.updates.updating import Clock, Updating, begin, carry_on, later, one_shop, stage

SOAK_S, ABSENT_S = rollouts.USUAL.soak_s, rollouts.USUAL.absent_s


def test_a_shop_that_closes_for_the_night_stops_nothing(
    shop: Shop, fleet: dict[str, Updating], time: Clock
) -> None:
    one_shop(shop, "K1", "K2")
    begin(shop)
    fleet["K1"].take()
    for _ in range(3):
        later(shop, fleet, time, 4 * 3600, "K1", "K2")
    assert shop.query("SELECT 1 FROM rollout_ends") == [] and stage(shop, 1) == set()
    later(shop, fleet, time, 600)  # in the morning
    assert len(stage(shop, 1)) == 2 and shop.alarms() == []


def test_a_kiosk_that_is_off_is_named_and_left_out_and_gets_it_when_it_is_back(
    shop: Shop, fleet: dict[str, Updating], time: Clock
) -> None:
    begin(shop)
    for _ in range(3):
        later(shop, fleet, time, ABSENT_S // 2 + 1, "K1")
    assert shop.alarms() == ["update-waits"], "once"
    assert stage(shop, 0) > {"K1"} and len(stage(shop, 0)) == 2, "another one goes first"
    (other,) = stage(shop, 0) - {"K1"}
    fleet[other].take()
    later(shop, fleet, time, SOAK_S, "K1")
    taken = {other}
    for at in (1, 2):
        for name in stage(shop, at):
            fleet[name].take()
            taken.add(name)
        later(shop, fleet, time, SOAK_S, "K1")
    assert taken == set(fleet) - {"K1"}
    assert shop.query("SELECT 1 FROM rollout_ends") == [], "not all have it"
    fleet["K1"].take()
    later(shop, fleet, time, SOAK_S)
    assert shop.query("SELECT done FROM rollout_ends") == [(1,)]


def test_who_comes_back_is_waited_for_though_its_stage_is_long_over(
    shop: Shop, fleet: dict[str, Updating], time: Clock
) -> None:
    begin(shop)
    for _ in range(3):
        later(shop, fleet, time, ABSENT_S // 2 + 1, "K1")
    (other,) = stage(shop, 0) - {"K1"}
    fleet[other].take()
    later(shop, fleet, time, SOAK_S, "K1")
    for at in (1, 2):
        for name in stage(shop, at):
            fleet[name].take()
        later(shop, fleet, time, SOAK_S, "K1")
    later(shop, fleet, time, 600)
    assert shop.query("SELECT 1 FROM rollout_ends") == [], "it is back, and fetches the image"
    fleet["K1"].take()
    later(shop, fleet, time, SOAK_S)
    assert shop.query("SELECT done FROM rollout_ends") == [(1,)]


def test_a_kiosk_that_is_there_and_never_begins_is_named_once(
    shop: Shop, fleet: dict[str, Updating], time: Clock
) -> None:
    begin(shop)
    later(shop, fleet, time, ABSENT_S)
    assert shop.alarms() == []
    for _ in range(3):
        later(shop, fleet, time, 3600)
    assert shop.alarms() == ["update-waits"] and stage(shop, 0) == {"K1"}


def test_a_kiosk_without_a_shop_that_dies_stops_it_after_a_day_while_others_are_there(
    shop: Shop, fleet: dict[str, Updating], time: Clock
) -> None:
    begin(shop)
    fleet["K1"].take()
    for _ in range(6):
        later(shop, fleet, time, ABSENT_S // 6, "K1")
    assert shop.query("SELECT 1 FROM rollout_ends") == [], "it may be off for a night"
    later(shop, fleet, time, 1200, "K1")
    later(shop, fleet, time, 1200, "K1")
    ((reason,),) = shop.query("SELECT reason FROM rollout_ends")
    assert reason.startswith("K1 (silent)") and shop.alarms() == ["update-stopped"]


def test_when_half_of_all_are_off_with_it_nobody_has_failed(
    shop: Shop, fleet: dict[str, Updating], time: Clock
) -> None:
    """A street without power; the host's own outage."""
    begin(shop)
    fleet["K1"].take()
    off = [f"K{n}" for n in range(1, 8)]
    for _ in range(5):
        later(shop, fleet, time, ABSENT_S // 4, *off)
    assert shop.query("SELECT 1 FROM rollout_ends") == []
    for name in off[1:]:
        fleet[name].hello()
    carry_on(shop)
    assert shop.query("SELECT 1 FROM rollout_ends") == [(1,)]
