"""A journal without room: the kiosk says so, takes no card, and sells again once the host has what waits."""

from pathlib import Path

from protocol.card import layout
from simulator.card import DesfireCard
from simulator.world import World

HERE = Path(__file__).resolve().parent
WAIT_S = 60.0
IGNORED_S = 1.0


def test_a_full_journal_ends_selling_with_a_clear_screen_until_the_host_has_it(tmp_path: Path) -> None:
    with World(tmp_path / "shop", seed=4) as world:
        unit = world.add_kiosk("K1", 100)
        held = world.add_purse("A", 1_000)
        assert isinstance(held.card, DesfireCard)
        assert unit.kiosk.wait_screen("联机", WAIT_S), unit.screen()
        unit.power_cut()
        unit.kiosk.board.run_script(HERE / "fill_journal.py", f"root={HERE.parents[1]}", timeout_s=60)
        unit.network(False)
        unit.power_on()
        assert unit.kiosk.wait_screen("记录已满", WAIT_S), unit.screen()
        assert unit.shows("暂停服务") and unit.pending() == 1, unit.screen()
        unit.place(held.card)
        looks = unit.looks
        assert not unit.wait_for(lambda: unit.outcomes > 0 or unit.looks > looks, IGNORED_S), unit.screen()
        assert held.card.value_fen(layout.AID, layout.FILE_VALUE) == 1_000
        unit.remove()
        unit.network(True)
        assert unit.kiosk.wait_screen("请刷卡", 2 * WAIT_S), unit.screen()
        assert unit.pending() == 0
        unit.place(held.card)
        assert unit.wait_for(lambda: unit.shows("支付成功"), WAIT_S), unit.screen()
        assert held.card.value_fen(layout.AID, layout.FILE_VALUE) == 900
        assert unit.kiosk.problems() == []
