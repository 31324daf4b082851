"""A card that is held after it paid shows its last movements: the host's, its own log's without the host."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from simulator.unit import KioskUnit
from simulator.world import World

WAIT_S = 30.0


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, seed=6) as made:
        yield made


def is_said(unit: KioskUnit, text: str) -> bool:
    return text in "".join(unit.screen()).replace(" ", "")


def test_top_ups_are_among_them_while_the_host_is_there(world: World) -> None:
    card = world.add_purse("A", 5000).card
    unit = world.add_kiosk("K1", 100)
    assert unit.wait_for(lambda: unit.shows("联机"), WAIT_S), unit.screen()

    def hold(*wanted: str) -> None:
        unit.place(card)
        for one in ("支付成功", *wanted):
            assert unit.wait_for(partial(is_said, unit, one), WAIT_S), (one, unit.screen())

    hold("+50.00")
    assert is_said(unit, "-1.00"), unit.screen()
    unit.remove()
    assert unit.wait_unseen(WAIT_S)
    unit.network(False)
    hold("-1.00")
    assert not is_said(unit, "+50.00"), unit.screen()
