"""Sixty kiosks, protocol-level, over one shop's books: how far an update comes when some of them fail."""

import random
from collections.abc import Iterator

import pytest
from pytest_mock import MockerFixture

from host import clock
from host.terminals.updates import images, rollouts
from host.terminals.updates.stages import Limits
from protocol.wire import image_file, updates
from tests.host.rig import Shop
from tests.host.terminals.updates.updating import CONTENT, NEW, Updating

KIOSKS = 60
SOAK_S, SILENT_S, STEP_S = 600, 1800, 700


class Fleet:
    """Kiosks that say hello every twelve minutes or so and take what they are offered, but for those in
    `bad`.
    """

    def __init__(self, shop: Shop, bad: set[str]) -> None:
        self.shop, self.bad, self.now_s = shop, bad, 1_790_000_000
        self.began: list[str] = []
        self.kiosks = [Updating(shop, shop.kiosk(f"K{n:02}")) for n in range(KIOSKS)]

    def step(self) -> None:
        self.now_s += STEP_S
        for kiosk in self.kiosks:
            self._hello(kiosk)
        with self.shop.opened.database.write() as connection:
            rollouts.carry_on(connection)

    def _hello(self, kiosk: Updating) -> None:
        offer = kiosk.hello()
        if kiosk.hellos == 1:
            kiosk.say()
        if offer is None:
            return
        self.began.append(kiosk.side.name)
        kiosk.rollout = int(str(offer["rollout"]))
        if kiosk.side.name in self.bad:
            kiosk.say(updates.BACK, "unwell")
        else:
            kiosk.say(updates.SWITCHING)
            kiosk.say(updates.CONFIRMED, runs=NEW)

    def roll_out(self, first: str) -> list[tuple[int, str]]:
        """Until it ends -> how: [(done, reason)]."""
        self.step()
        version = image_file.number(NEW)
        with self.shop.opened.database.write() as connection:
            images.add(connection, CONTENT, "operator:boss")
            rollouts.start(connection, version, first, "operator:boss", Limits(SOAK_S, SILENT_S, 3600))
        for _ in range(8):
            self.step()
            ends = self.shop.query("SELECT done, reason FROM rollout_ends")
            if ends:
                break
        return ends


@pytest.fixture
def fleet(shop: Shop, mocker: MockerFixture) -> Iterator[Fleet]:
    made = Fleet(shop, set())
    mocker.patch.object(clock, "now_s", side_effect=lambda: made.now_s)
    yield made


def test_a_good_one_reaches_all(fleet: Fleet) -> None:
    assert fleet.roll_out("K07") == [(1, "")]
    assert fleet.began[0] == "K07" and sorted(fleet.began) == [f"K{n:02}" for n in range(KIOSKS)]


def test_three_of_sixty_stop_the_last_stage(fleet: Fleet) -> None:
    fleet.bad = set(_last_stage(fleet)[:3])
    ((done, reason),) = fleet.roll_out("K07")
    assert done == 0 and reason.endswith("failed in the stage “all”") and reason.count("unwell") == 3
    assert fleet.shop.alarms() == ["update-stopped"]


def test_one_in_the_second_stage_spares_all_others(fleet: Fleet) -> None:
    fleet.bad = {f"K{n:02}" for n in random.Random(3).sample(range(KIOSKS), 30)} - {"K07"}
    ((done, reason),) = fleet.roll_out("K07")
    assert done == 0 and "failed in the stage “a tenth”" in reason
    assert len(set(fleet.began)) <= 7, "one, and six of the second stage at most"
    assert len(fleet.began) == len(set(fleet.began)), "nobody was asked twice"


def test_a_bad_one_reaches_one_kiosk(fleet: Fleet) -> None:
    fleet.bad = {f"K{n:02}" for n in range(KIOSKS)}
    ((done, reason),) = fleet.roll_out("K07")
    assert (done, reason) == (0, "K07 (unwell) failed in the stage “one kiosk”")
    assert fleet.began == ["K07"]


def _last_stage(fleet: Fleet) -> list[str]:
    """Those that are not heard of last, and so come in the third stage."""
    return [f"K{n:02}" for n in range(KIOSKS - 1, 20, -1)]
