"""The pins of every board: each part has its own, and none is a pin that must stay free."""

import ast
import re
from pathlib import Path

import pytest

from protocol.wire import device
from simulator import kiosk

ROOT = Path(__file__).resolve().parents[3]
# Pins that the chip needs for itself: flash, PSRAM, USB, the console, and those whose level at reset decides
# how it starts (2, 5 and 15 of the WROOM-32 as outputs do no harm: see docs/hardware.md).
TAKEN = {
    "wroom32": {0, 1, 3, 6, 7, 8, 9, 10, 11, 12, 20, 24, 28, 29, 30, 31},
    "s3": {0, 3, 19, 20, *range(22, 38), 43, 44, 45, 46},
}
INPUT_ONLY = {"wroom32": {34, 35, 36, 37, 38, 39}, "s3": set()}
HIGHEST = {"wroom32": 39, "s3": 48}
SAME = {"OLED_SCL": "SPI_SCK", "OLED_SDA": "SPI_MOSI"}  # one display or the other
NO_PIN = ("UART_ID", "SPI_ID", "KEY_PULL")


def tables() -> dict[str, dict[str, int | tuple[int, ...]]]:
    """The firmware's own file, read and not imported: it lies beside modules that want a chip."""
    names: dict[str, dict[str, int | tuple[int, ...]]] = {}
    for node in ast.parse((ROOT / "firmware" / "hal" / "pins.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if node.targets[0].id != "BOARDS":
                names[node.targets[0].id] = ast.literal_eval(node.value)
            elif isinstance(node.value, ast.Dict):
                pairs = zip(node.value.keys, node.value.values, strict=True)
                return {
                    key.value: names[value.id]
                    for key, value in pairs
                    if isinstance(key, ast.Constant) and isinstance(value, ast.Name)
                }
    raise AssertionError("pins.py has no BOARDS")


BOARDS = tables()


def test_the_boards_are_those_that_a_device_can_name() -> None:
    assert tuple(BOARDS) == device.BOARDS
    assert len({frozenset(table) for table in BOARDS.values()}) == 1, "each has every part"


@pytest.mark.parametrize("board", device.BOARDS)
def test_every_part_has_pins_of_its_own_that_are_free(board: str) -> None:
    used: dict[int, str] = {}
    for name, value in BOARDS[board].items():
        if name in NO_PIN:
            continue
        if name in SAME:
            assert value == BOARDS[board][SAME[name]]
            continue
        numbers = value[1:] if name == "TILL_UART" and isinstance(value, tuple) else value
        for pin in numbers if isinstance(numbers, tuple) else (numbers,):
            assert 0 <= pin <= HIGHEST[board] and pin not in TAKEN[board], (name, pin)
            assert pin not in INPUT_ONLY[board] or name in ("KEY_COLUMNS", "UART_RX"), (name, pin)
            assert used.setdefault(pin, name) == name, (pin, name, used[pin])


def test_the_simulated_board_is_wired_as_the_reference() -> None:
    wired = {"READER_RESET": kiosk.READER_RESET, "BUZZER": kiosk.BUZZER}
    wired |= {"LED_GREEN": kiosk.LED_GREEN, "LED_RED": kiosk.LED_RED}
    assert BOARDS["wroom32"] | wired == BOARDS["wroom32"]


def test_the_table_in_the_handbook_is_this_one() -> None:
    row = re.compile(r"\| `(\w+)` \| ([0-9, ]+) \| ([0-9, ]+) \|$")
    lines = (ROOT / "docs" / "hardware.md").read_text(encoding="utf-8").splitlines()
    shown = {found[1]: (found[2], found[3]) for line in lines if (found := row.search(line))}
    wanted = {
        name: tuple(str(BOARDS[board][name]).strip("()") for board in device.BOARDS)
        for name in BOARDS["wroom32"]
        if name not in NO_PIN
    }
    assert shown == wanted
