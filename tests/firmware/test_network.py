"""The whole kiosk before it has a network: it says what is missing, and goes on by itself once it comes."""

import base64
from pathlib import Path

from simulator.board import link
from simulator.unit import KioskUnit
from simulator.world import ROM, World

WAIT_S = 60.0
JOIN_MS = 20_000  # firmware/net/line.py: after that joining has failed


def test_a_new_kiosk_shows_that_the_wifi_is_missing_and_begins_when_it_comes(tmp_path: Path) -> None:
    with World(tmp_path, seed=3) as world:
        made = world.host.post("/kiosks", name="K1", price_fen=100)
        unit = KioskUnit("K1", tmp_path / "kiosks" / "K1", ROM, world.broker.port)
        unit.provision(base64.b64decode(made["bundle"]))
        unit.kiosk.board.access_point(False)
        try:
            unit.power_on()
            assert unit.kiosk.wait_screen("等待主机配置", WAIT_S), unit.screen()
            unit.kiosk.board.tell(link.leap_command(JOIN_MS))
            assert unit.kiosk.wait_screen("wifi", WAIT_S), unit.screen()
            assert unit.shows("等待主机配置")
            assert "link: wifi: no such network" in unit.kiosk.board.console.tail()
            unit.kiosk.board.access_point(True)
            assert unit.kiosk.wait_screen("联机", WAIT_S), unit.screen()
            assert unit.kiosk.problems() == []
        finally:
            unit.stop()
