"""The firmware keeps to its budgets: sizes in the image, heap after boot and at work, largest piece."""

import json
from pathlib import Path

import pytest

from simulator.board import link
from simulator.unit import KioskUnit
from simulator.wallet import HeldCard
from simulator.world import ROM, World
from tests.bench.shop import NOBODY_PORT
from tests.firmware.budgets.limits import HEAP_BYTES, LIVE_BYTES, MODULE_BYTES, MPY_BYTES, PIECE_BYTES
from tests.soak.day import live_bytes

WAIT_S = 20.0
OFFLINE_SALES = 3
STEP_S = 1.0  # of a machine that others use too; what a step takes on a quiet one is in `make bench`


def tap(unit: KioskUnit, held: HeldCard) -> bool:
    """One sale, and the card is gone again."""
    if not unit.wait_unseen(WAIT_S):
        return False
    before = unit.outcomes
    unit.place(held.card)
    unit.wait_for(lambda: unit.outcomes > before or not unit.powered, WAIT_S)
    unit.remove()
    return unit.kiosk.green


@pytest.fixture
def files() -> dict[str, int]:
    """File in the image -> bytes."""
    manifest = json.loads((ROM.parent / "manifest.json").read_text())
    return {name: part["bytes"] for name, part in manifest["files"].items()}


def test_no_module_is_too_large(files: dict[str, int]) -> None:
    modules = {name: size for name, size in files.items() if name.endswith(".mpy")}
    assert len(modules) > 5
    assert {name: size for name, size in modules.items() if size > MODULE_BYTES} == {}


def test_all_modules_together(files: dict[str, int]) -> None:
    assert sum(size for name, size in files.items() if name.endswith(".mpy")) <= MPY_BYTES


def test_what_lives_after_boot_and_that_no_task_holds_up_the_others(tmp_path: Path) -> None:
    with World(tmp_path / "shop", seed=1) as world:
        unit = world.add_kiosk("K1", 100)
        held = world.add_purse("A", 1_000)
        assert unit.kiosk.wait_screen("联机", WAIT_S), unit.screen()
        assert live_bytes(unit) <= LIVE_BYTES
        unit.network(False)
        assert unit.wait_for(lambda: not unit.shows("联机"), WAIT_S), unit.screen()
        unit.network(True)
        assert unit.kiosk.wait_screen("联机", WAIT_S), unit.screen()
        assert live_bytes(unit) <= LIVE_BYTES, "the way to the broker is held on to"
        board = unit.kiosk.board
        board.tell(link.step_command())
        assert unit.wait_for(lambda: board.chip.longest_step_us is not None, WAIT_S)
        board.chip.longest_step_us = None
        assert tap(unit, held), unit.screen()
        board.tell(link.step_command())
        assert unit.wait_for(lambda: board.chip.longest_step_us is not None, WAIT_S)
        assert 0 < (board.chip.longest_step_us or 0) < STEP_S * 1_000_000


def test_it_sells_in_the_heap_it_is_given(tmp_path: Path) -> None:
    """Offline, which takes most: list and journal are read."""
    with World(tmp_path / "shop", seed=1) as world:
        unit = world.add_kiosk("K1", 100)
        held = world.add_purse("A", 1_000)
        assert unit.kiosk.wait_screen("联机", WAIT_S), unit.screen()
        unit.stop()
        folder = tmp_path / "shop" / "kiosks" / "K1"
        small = KioskUnit("K1", folder, ROM, NOBODY_PORT, heap_bytes=HEAP_BYTES)
        try:
            small.power_on()
            assert small.kiosk.wait_screen("请刷卡", WAIT_S), small.kiosk.board.console.tail()
            assert all(tap(small, held) for _ in range(2)), small.screen()
            assert small.kiosk.board.chip.resets == 0, small.kiosk.board.console.tail()
        finally:
            small.stop()


def test_nothing_larger_than_a_piece_is_allocated_once_it_has_booted(tmp_path: Path) -> None:
    """Its heap lies in splinters: sales online and off, and a journal of several, must do with them."""
    with World(tmp_path / "shop", seed=1) as world:
        unit = world.add_kiosk("K1", 100)
        held = world.add_purse("A", 1_000)
        assert unit.kiosk.wait_screen("联机", WAIT_S), unit.screen()
        chip = unit.kiosk.board.chip
        unit.kiosk.board.tell(link.splinter_command(PIECE_BYTES))
        assert tap(unit, held), unit.screen()
        unit.network(False)
        assert unit.kiosk.wait_screen("脱机", WAIT_S), unit.screen()
        assert all(tap(unit, held) for _ in range(OFFLINE_SALES)), unit.screen()
        unit.network(True)
        assert unit.wait_for(lambda: unit.pending() == 0, WAIT_S), unit.kiosk.board.console.tail()
        world.add_kiosk("K1", 200)  # another price: a configuration comes
        assert unit.kiosk.wait_screen("2.00", WAIT_S), unit.screen()
        assert tap(unit, held), unit.screen()
        assert chip.resets == 0, unit.kiosk.board.console.tail()


def test_a_larger_piece_would_be_missed(tmp_path: Path) -> None:
    """With nothing above 256 bytes the same kiosk fails: the splinters are what they are said to be."""
    with World(tmp_path / "shop", seed=1) as world:
        unit = world.add_kiosk("K1", 100)
        held = world.add_purse("A", 1_000)
        assert unit.kiosk.wait_screen("联机", WAIT_S), unit.screen()
        chip = unit.kiosk.board.chip
        unit.kiosk.board.tell(link.splinter_command(256))
        unit.place(held.card)
        assert unit.wait_for(lambda: chip.resets > 0, WAIT_S), unit.screen()
