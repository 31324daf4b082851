"""Books restored from an older copy: what the kiosk's ring still has of the time since comes back once."""

import shutil
from pathlib import Path

from protocol.card import layout
from simulator.card import DesfireCard
from simulator.unit import KioskUnit
from simulator.world import World

WAIT_S = 60.0
BOOKS = ("tapledger.db*", "checkpoints.log")  # of a data folder: with its write-ahead log


def tap(unit: KioskUnit, card: DesfireCard, times: int) -> None:
    for _ in range(times):
        before = unit.outcomes
        unit.place(card)
        assert unit.wait_for(lambda: unit.outcomes > before, WAIT_S), unit.screen()  # noqa: B023
        assert unit.shows("支付成功"), unit.screen()
        unit.remove()
        assert unit.wait_unseen(WAIT_S)


def settle(unit: KioskUnit) -> None:
    assert unit.wait_for(lambda: unit.pending() == 0, WAIT_S), unit.kiosk.board.console.tail()


def copy_books(world: World, source: Path, target: Path) -> None:
    """With the host stopped, and nothing left of what was there."""
    world.host.stop()
    for pattern in BOOKS:
        for old in target.glob(pattern):
            old.unlink()
        for file in source.glob(pattern):
            shutil.copy(file, target)
    world.host.start()


def test_sales_since_the_copy_come_back_once_from_the_kiosks_flash(tmp_path: Path) -> None:
    with World(tmp_path / "shop", seed=23) as world:
        unit = world.add_kiosk("K1", 100)
        held = world.add_purse("A", 10_000)
        card = held.card
        assert isinstance(card, DesfireCard)
        assert unit.kiosk.wait_screen("联机", WAIT_S), unit.screen()
        tap(unit, card, 2)
        settle(unit)
        (copy := tmp_path / "copy").mkdir()
        copy_books(world, world.folder, copy)
        assert unit.kiosk.wait_screen("联机", WAIT_S), unit.screen()
        tap(unit, card, 5)
        settle(unit)
        assert world.host.verify()["ok"]
        copy_books(world, copy, world.folder)
        tap(unit, card, 1)
        unit.network(False)  # else it takes 10 s until it says hello
        unit.network(True)

        def stands() -> bool:
            found = world.host_card(held)
            return found is not None and found["balance_fen"] == card.value_fen(layout.AID, layout.FILE_VALUE)

        assert unit.wait_for(stands, WAIT_S), unit.kiosk.board.console.tail(99)
        settle(unit)
        assert card.value_fen(layout.AID, layout.FILE_VALUE) == 10_000 - 8 * 100
        result = world.host.verify()
        assert result["ok"], result
        assert world.host.get("/kiosks")[0]["gaps"] == [] and unit.kiosk.problems() == []
