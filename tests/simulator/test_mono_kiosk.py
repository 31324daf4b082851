"""A kiosk with the mono display and a keypad: the firmware's own drivers on the simulated parts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.board import BoardError
from simulator.kiosk import VirtualKiosk
from tests.simulator.rom_image import make_rom
from tools import font

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"
PATIENCE_S = 60
MAIN = """
import time
import machine
from displays import mono
from keypad import Keypad
from painter import Painter
from ssd1306 import Ssd1306

i2c = machine.I2C(0, scl=machine.Pin(18), sda=machine.Pin(23), freq=400000)
fonts = {size: memoryview(open("/rom/font%d.bin" % size, "rb")) for size in (16, 32)}
painter = Painter(Ssd1306(i2c), mono(), fonts)
painter.start()
rows = [machine.Pin(number, machine.Pin.OPEN_DRAIN, value=0) for number in (13, 19, 15, 2)]
keypad = Keypad(rows, [machine.Pin(number, machine.Pin.IN) for number in (34, 35, 36, 39)])
typed = ""
painter.show((("head", "请刷卡", 8), ("sum", "¥25.00", 0)))
while True:
    key = keypad.scan()
    if key:
        typed += key
        painter.show((("head", "keys", 8), ("sum", "1", 0), ("act", typed, 0)))
    time.sleep_ms(5)
"""


def flat(name: str) -> str:
    """A module of the firmware as one of a small image without folders."""
    text = (FIRMWARE / name).read_text(encoding="utf-8")
    return text.replace("from kiosk.layout", "from layout").replace("from kiosk.font", "from font")


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[VirtualKiosk]:
    names = (
        "kiosk/displays",
        "kiosk/font",
        "kiosk/layout",
        "kiosk/painter",
        "drivers/ssd1306",
        "drivers/keypad",
    )
    modules = {name.split("/")[1]: flat(f"{name}.py") for name in names}
    fonts = {name: data for name, data in font.build_all().items() if name in ("font16.bin", "font32.bin")}
    rom = make_rom(tmp_path / "rom", MAIN, files=fonts, **modules)
    for name, data in fonts.items():
        (rom.parent / name).write_bytes(data)
    made = VirtualKiosk(rom, tmp_path / "K1", None, display="ssd1306", keypad=True)
    yield made
    made.power_cut()


def test_its_text_is_read_from_its_pixels_and_its_keys_are_pressed(kiosk: VirtualKiosk) -> None:
    kiosk.power_on()
    assert kiosk.wait_screen("¥25.00", PATIENCE_S)
    assert kiosk.screen_lines() == ["请刷卡", "¥25.00"]
    kiosk.press("1250")
    kiosk.press("*0#BCDE99")
    assert kiosk.wait_screen("1250*0#BCDE99", PATIENCE_S), kiosk.screen_lines()
    assert kiosk.problems() == []
    with pytest.raises(ValueError, match="no key 'x'"):
        kiosk.press("x")
    kiosk.power_cut()
    assert kiosk.screen_lines() == []


def test_a_kiosk_that_does_not_look_at_its_keys_is_told_so(kiosk: VirtualKiosk, tmp_path: Path) -> None:
    rom = make_rom(tmp_path / "deaf", "import time\nwhile True:\n    time.sleep_ms(10)\n")
    deaf = VirtualKiosk(rom, tmp_path / "K2", None, keypad=True)
    deaf.power_on()
    with pytest.raises(BoardError, match="does not look at its keys"):
        deaf.press("1", timeout_s=0.2)
    deaf.power_cut()
