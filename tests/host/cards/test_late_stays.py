"""Stays that nobody ended are closed, at what they count at most; the others go on."""

import pytest

from host import clock
from host.cards import late_stays, stays
from host.desk.stays import inside
from host.terminals.talk.upkeep import Upkeep
from tests.host.looks import holds
from tests.host.rig import Shop
from tests.host.terminals.relay.terminal import Terminals
from tests.host.terminals.sales.payments import UID, plain_card
from tests.host.terminals.sales.stay import sell
from tests.host.terminals.sales.test_entries import enter
from tests.waiting import until


def test_what_is_long_over_ends(shop: Shop, terminals: Terminals, monkeypatch: pytest.MonkeyPatch) -> None:
    door, now_s, other = terminals.add(), clock.now_s(), bytes(6) + b"\x01"
    for uid, stay_min in ((UID, 60), (other, 720)):
        plain_card(shop, 100, uid)
        sell(shop, 600, stay_min=stay_min, uid=uid)
        enter(door, uid)
    for minutes, there in ((119, 2), (121, 1), (779, 1), (781, 0)):
        monkeypatch.setattr(clock, "now_s", lambda at_s=now_s + 60 * minutes: at_s)
        for _ in range(2):
            late_stays.close(shop.opened.database)
        assert len(shop.look(inside)) == there, minutes
    ends = shop.query("SELECT what, used_min, who FROM stay_steps ORDER BY id")
    assert ends == [(stays.LIMIT, 60, "house"), (stays.LIMIT, 600 + 120, "house")]
    holds(shop)


def test_the_hosts_upkeep_closes_them(
    shop: Shop, terminals: Terminals, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, now_s = terminals.add(), clock.now_s()
    plain_card(shop, 100)
    sell(shop, 600, stay_min=60)
    enter(door, UID)
    monkeypatch.setattr(clock, "now_s", lambda: now_s + 3 * 3600)
    upkeep = Upkeep(shop.opened.database, lambda: None, every_s=0.01)
    upkeep.start()
    try:
        until(lambda: shop.look(inside) == [])
    finally:
        upkeep.stop()
    assert shop.query("SELECT what, used_min FROM stay_steps") == [(stays.LIMIT, 60)]
