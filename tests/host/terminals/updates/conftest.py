"""A fleet that waits for an update, and a clock that is moved by hand."""

from collections.abc import Iterator

import pytest
from pytest_mock import MockerFixture

from host import clock
from tests.host.rig import Shop
from tests.host.terminals.updates.updating import Clock, Updating, bring


@pytest.fixture
def time(mocker: MockerFixture) -> Iterator[Clock]:
    made = Clock()
    mocker.patch.object(clock, "now_s", side_effect=lambda: made.now_s)
    yield made


@pytest.fixture
def fleet(shop: Shop, time: Clock) -> dict[str, Updating]:
    """Twelve kiosks that have said what they run."""
    made = {}
    for n in range(1, 13):
        side = shop.kiosk(f"K{n}")
        made[side.name] = Updating(shop, side)
        made[side.name].hello()
        made[side.name].say()
    bring(shop)
    return made
