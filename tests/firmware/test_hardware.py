"""The real image on a board whose parts fail: a reason on the screen, a word to the host, well again."""

import math
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.board import link
from simulator.board.oled import ADDRESS
from simulator.unit import KioskUnit
from simulator.world import World
from tests.waiting import until

PRICE_FEN = 100
WAIT_S = 60.0
FILL = Path(__file__).parent / "runner" / "fill_flash.py"
SPOILT = Path(__file__).parent / "runner" / "spoil_bundle.py"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("hardware"), seed=12) as made:
        yield made


@pytest.fixture(scope="module")
def unit(world: World) -> KioskUnit:
    made = world.add_kiosk("K1", PRICE_FEN)
    assert made.kiosk.wait_screen("联机", WAIT_S), made.screen()
    return made


def fault(world: World, name: str, source: str) -> dict[str, object]:
    """What the host has of this kiosk, once it has heard of this source."""

    def told() -> dict[str, object] | None:
        found = next(one for one in world.host.get("/kiosks") if one["name"] == name)["fault"]
        return found if found and found["source"] == source else None

    until(lambda: told() is not None, WAIT_S)
    found = told()
    assert found is not None
    return found


def pays(unit: KioskUnit, world: World, seed: str) -> None:
    """An ordinary tap of a new card."""
    held = world.add_purse(seed, 1000)
    before = unit.outcomes
    unit.place(held.card)
    assert unit.wait_for(lambda: unit.outcomes > before, WAIT_S), unit.screen()
    assert unit.shows("支付成功"), unit.screen()
    unit.remove()
    assert unit.wait_unseen(WAIT_S)


@pytest.mark.parametrize("what", ["dead", "babbling"])
def test_a_reader_without_sense_is_out_of_service_after_three_resets_and_comes_back(
    world: World, unit: KioskUnit, what: str
) -> None:
    resets = unit.reader.resets
    setattr(unit.reader_faults, what, True)
    assert unit.kiosk.wait_screen("读卡器故障", WAIT_S), unit.screen()
    assert unit.reader.resets >= resets + 3
    # of noise one reset makes this fault and the next one that: what is told is what the kiosk met with
    assert f"reader: {fault(world, 'K1', 'reader')['cause']}" in unit.kiosk.board.console.tail(1000)
    lines = len(unit.kiosk.board.console.tail(1000))
    assert unit.wait_for(lambda: unit.reader.resets > resets + 4, WAIT_S)
    assert len(unit.kiosk.board.console.tail(1000)) - lines <= 2, "the console is not flooded"
    setattr(unit.reader_faults, what, False)
    assert unit.kiosk.wait_screen("请刷卡", WAIT_S), unit.screen()
    pays(unit, world, what)
    assert unit.kiosk.problems() == []


def test_a_display_that_is_missing_sells_nothing_and_comes_back(world: World) -> None:
    unit = world.add_kiosk("MONO", PRICE_FEN, display="ssd1306")
    pays(unit, world, "before")
    board, held = unit.kiosk.board, world.add_purse("blind", 1000)
    board.tell(link.plug_command(ADDRESS, False))
    unit.place(held.card)  # what it is told now is the first that cannot be drawn
    assert unit.wait_for(lambda: "display: [Errno 19] ENODEV" in board.console.tail(100), WAIT_S)
    assert unit.wait_for(lambda: unit.kiosk.red and not unit.kiosk.green, WAIT_S)
    unit.remove()
    assert "19" in str(fault(world, "MONO", "display")["cause"])
    looks = unit.looks
    unit.place(world.add_purse("later", 1000).card)
    assert unit.looks == looks, "no card is looked for"
    board.tell(link.plug_command(ADDRESS, True))
    assert unit.kiosk.wait_screen("支付成功", WAIT_S), unit.screen()
    unit.remove()
    assert unit.wait_unseen(WAIT_S)
    assert unit.kiosk.problems() == []


def test_a_kiosk_that_cannot_start_says_why_rarer_and_rarer_and_tells_the_host_once_it_can(
    world: World,
) -> None:
    unit = world.add_kiosk("LOOP", PRICE_FEN)
    assert unit.kiosk.wait_screen("联机", WAIT_S), unit.screen()
    pays(unit, world, "kept")
    unit.power_cut()
    board, before = unit.kiosk.board, unit.kiosk.board.chip.resets
    board.run_script(SPOILT)
    unit.power_on()
    assert unit.kiosk.wait_screen("正在重启", WAIT_S), unit.screen()
    assert unit.wait_for(lambda: board.chip.resets == before + 2, WAIT_S), board.console.tail(20)
    unit.power_cut()
    said = [line for line in board.console.tail(50) if line.startswith("restart: main: FormError")]
    assert len(said) >= 2, board.console.tail(50)
    unit.provision()
    unit.power_on()
    found = fault(world, "LOOP", "restart")
    assert "FormError" in str(found["cause"]) and found["count"] >= 2  # type: ignore[operator]
    assert any(alarm["code"] == "kiosk-fault" for alarm in world.host.get("/alarms")["alarms"])
    pays(unit, world, "again")
    assert unit.kiosk.problems() == []


def test_a_chip_that_hangs_is_bitten_and_the_host_hears_of_it(world: World) -> None:
    unit = world.add_kiosk("HANG", PRICE_FEN)
    assert unit.kiosk.wait_screen("联机", WAIT_S), unit.screen()
    board, chip = unit.kiosk.board, unit.kiosk.board.chip
    chip.watchdog_most_s = 4.0
    assert unit.wait_for(lambda: (chip.watchdog_left_s() or 30) < 4.0, WAIT_S)  # fed once more
    assert board.pid is not None
    os.kill(board.pid, signal.SIGSTOP)  # nothing of it runs, so nothing feeds the watchdog
    assert unit.wait_for(lambda: chip.watchdog_bites == 1, WAIT_S)
    chip.watchdog_most_s = math.inf
    assert "watchdog" in str(fault(world, "HANG", "restart")["cause"])
    pays(unit, world, "bitten")
    assert unit.kiosk.problems() == ["the watchdog bit 1 times"]


def test_a_flash_that_takes_no_file_sells_on_by_the_old_price_and_the_host_hears_of_it(world: World) -> None:
    unit = world.add_kiosk("FULL", PRICE_FEN)
    assert unit.kiosk.wait_screen("联机", WAIT_S), unit.screen()
    unit.power_cut()
    unit.kiosk.board.run_script(FILL)
    unit.power_on()
    assert unit.kiosk.wait_screen("联机", WAIT_S), unit.screen()
    world.add_kiosk("FULL", PRICE_FEN + 50)
    assert "config" in str(fault(world, "FULL", "flash")["cause"])
    pays(unit, world, "old price")
    assert unit.kiosk.problems() == []
