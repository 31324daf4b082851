"""Doors that let cards through one way alone."""

from dataclasses import replace

import pytest

from host.terminals.fleet import configs
from host.terminals.fleet.configs import Config
from tests.host.looks import holds
from tests.host.rig import Shop
from tests.host.terminals.relay.terminal import Terminal, Terminals
from tests.host.terminals.sales.payments import UID
from tests.host.terminals.sales.stay import Clock, came_in, sell, tap
from tests.host.terminals.sales.test_entries import grant, left


def one_way(shop: Shop, name: str, way: str) -> None:
    """What a kiosk is told stays as it was."""
    kiosk = shop.kiosks.find(name)
    assert kiosk is not None
    with shop.opened.database.write() as connection:
        config = configs.newest(connection, kiosk.number)[1]
        assert isinstance(config, Config)
        changed = replace(config, way=way)
        assert configs.told(changed) == configs.told(config)
        configs.add(connection, kiosk.number, changed, "operator:x")


@pytest.fixture
def ways(shop: Shop, hall: Terminal, terminals: Terminals) -> tuple[Terminal, Terminal]:
    """A door in and a door out."""
    out = terminals.add("K2")
    one_way(shop, "K1", configs.IN)
    one_way(shop, "K2", configs.OUT)
    return hall, out


def test_a_card_that_is_handed_back_lets_nobody_else_in(
    shop: Shop, ways: tuple[Terminal, Terminal], later: Clock
) -> None:
    into, out = ways
    sell(shop, 600)
    assert came_in(tap(shop, into))
    later(14)
    assert came_in(tap(shop, into)), "the same tap"
    later(16)
    assert tap(shop, into)["reason"] == "inside"
    later(3600)
    assert tap(shop, out)["used_min"] == 60
    later(3605)
    assert tap(shop, out)["used_min"] == 60, "the same tap"
    later(3610)
    assert came_in(tap(shop, into)), "he comes again at once, and that is no way out"
    later(3612)
    assert tap(shop, out)["used_min"] == 1
    assert shop.query("SELECT count(*) FROM stays") == [(2,)]
    holds(shop)


def test_the_way_out_counts_nothing_but_stays(
    shop: Shop, ways: tuple[Terminal, Terminal], later: Clock
) -> None:
    into, out = ways
    assert tap(shop, out)["reason"] == "no_pass"
    visits = grant(shop, UID, 3, again=0)
    assert tap(shop, into)["left"] == 2
    later(60)
    said = tap(shop, out)
    assert (said["reason"], "left" in said, "used_min" in said) == ("", False, False)
    assert left(shop, visits) == 2
    sell(shop, 60)
    assert "used_min" not in tap(shop, out)
    assert shop.query("SELECT count(*) FROM stays") == [(0,)]
    holds(shop)


def test_a_stay_that_is_late_keeps_nobody_outside(
    shop: Shop, ways: tuple[Terminal, Terminal], later: Clock
) -> None:
    into, _ = ways
    sell(shop, 600, stay_min=60)
    tap(shop, into)
    later(119 * 60)
    assert tap(shop, into)["reason"] == "inside"
    later(120 * 60)
    assert came_in(tap(shop, into))
    holds(shop)
