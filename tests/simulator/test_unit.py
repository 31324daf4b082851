"""A kiosk as it stands in the shop, around a small firmware of the test's own."""

from pathlib import Path

from simulator.unit import KioskUnit
from tests.simulator.rom_image import make_rom

STATION = """
import network, time
wlan = network.WLAN(network.WLAN.IF_STA)
wlan.active(True)
wlan.connect("shop", "key")
seen = None
while True:
    if wlan.isconnected() != seen:
        seen = wlan.isconnected()
        print("wifi", seen)
    time.sleep_ms(2)
"""


def test_the_network_is_cut_with_or_without_its_access_point(tmp_path: Path) -> None:
    unit = KioskUnit("K1", tmp_path / "K1", make_rom(tmp_path / "rom", STATION), broker_port=9)

    def says(*words: str) -> bool:
        console = unit.kiosk.board.console
        return unit.wait_for(lambda: [x for x in console.tail() if x.startswith("wifi")] == [*words], 5)

    try:
        unit.network(False, access_point=True)
        unit.power_on()
        assert says("wifi False")
        assert not unit.online
        unit.network(True, access_point=True)
        assert says("wifi False", "wifi True")
        assert unit.online
        unit.network(False)
        assert not unit.online
        unit.network(False, access_point=True)
        assert says("wifi False", "wifi True", "wifi False")
    finally:
        unit.stop()
