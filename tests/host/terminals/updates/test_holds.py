"""Kiosks that a person leaves out of a roll-out: offered nothing, waited for by nobody, in the next one."""

import pytest

from host.errors import Refused
from host.terminals.updates import holds, rollouts
from host.terminals.updates.stages import Limits
from protocol.wire import image_file, updates
from tests.host.rig import Shop
from tests.host.terminals.updates.updating import NEW, Clock, Updating, begin, carry_on, later, stage

SOAK_S = rollouts.USUAL.soak_s


def hold(shop: Shop, name: str, reason: str = "the fair is on") -> tuple[int, bool]:
    with shop.opened.database.write() as connection:
        return holds.hold(connection, name, reason, "operator:boss")


def test_who_is_held_back_amid_it_is_asked_for_nothing_and_another_goes_first(
    shop: Shop, fleet: dict[str, Updating], time: Clock
) -> None:
    fleet["K1"].rollout = begin(shop)
    assert fleet["K1"].hello() is not None
    assert hold(shop, "K1") == (image_file.number(NEW), True)
    assert fleet["K1"].hello() is None and fleet["K1"].wanted(64) == []
    fleet["K1"].say(updates.REFUSED, "flash")
    assert shop.alarms() == [] and shop.query("SELECT 1 FROM rollout_ends") == [], "its word stops nobody"
    carry_on(shop)
    assert len(stage(shop, 0)) == 2


def test_all_the_others_have_it_then_it_is_over_and_the_next_has_it_in(
    shop: Shop, fleet: dict[str, Updating], time: Clock
) -> None:
    begin(shop)
    hold(shop, "K7")
    for at in range(3):
        for name in stage(shop, at):
            assert name != "K7"
            fleet[name].take()
        later(shop, fleet, time, SOAK_S)
    assert shop.query("SELECT done FROM rollout_ends") == [(1,)]
    begin(shop, "K7")
    fleet["K7"].take()


def test_who_and_why_stay_as_first_told(shop: Shop, fleet: dict[str, Updating], time: Clock) -> None:
    rollout = begin(shop)
    hold(shop, "K2")
    time.now_s += 60
    assert hold(shop, "K2", "another reason") == (image_file.number(NEW), False)
    told = holds.Hold("K2", "operator:boss", "the fair is on", time.now_s - 60)
    assert shop.look(holds.holds, rollout) == [told]
    with pytest.raises(Exception, match="append-only"), shop.opened.database.write() as connection:
        connection.execute("DELETE FROM rollout_holds")


def test_who_cannot_be_held_back(shop: Shop, fleet: dict[str, Updating]) -> None:
    shop.reader("DESK1")
    with pytest.raises(Refused, match="No update is being rolled out"):
        hold(shop, "K1")
    begin(shop)
    for name in ("K99", "DESK1", ""):
        with pytest.raises(Refused, match="no kiosk"):
            hold(shop, name)
    fleet["K1"].take()
    with pytest.raises(Refused, match="runs that version already"):
        hold(shop, "K1")
    assert shop.query("SELECT 1 FROM rollout_holds") == []


def test_how_long_a_kiosk_may_be_off_is_the_roll_outs_own(
    shop: Shop, fleet: dict[str, Updating], time: Clock
) -> None:
    limits = off_for(3 * 3600)
    with shop.opened.database.write() as connection:
        rollouts.start(connection, image_file.number(NEW), "K1", "operator:boss", limits)
    later(shop, fleet, time, 3 * 3600, "K1")
    assert shop.alarms() == []
    later(shop, fleet, time, 600, "K1")
    assert shop.alarms() == ["update-waits"] and len(stage(shop, 0)) == 2


def test_off_is_longer_than_silent(shop: Shop, fleet: dict[str, Updating]) -> None:
    with pytest.raises(Refused, match="longer"), shop.opened.database.write() as connection:
        rollouts.start(connection, image_file.number(NEW), "K1", "boss", off_for(1800))
    assert shop.query("SELECT 1 FROM rollouts") == []


def off_for(absent_s: int) -> Limits:
    return rollouts.USUAL._replace(absent_s=absent_s)
