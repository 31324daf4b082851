"""The panel model: what a driver sends becomes pixels; what no panel understands becomes a fault."""

import random
import struct

import pytest

from simulator.board.display import HEIGHT, WIDTH, Display

CS, DC, RESET, BACKLIGHT = 5, 27, 26, 14
RED, BLUE = b"\xf8\x00", b"\x00\x1f"


def send(display: Display, command: int, data: bytes = b"") -> None:
    display.pin(CS, 0)
    display.pin(DC, 0)
    display.spi(bytes([command]))
    if data:
        display.pin(DC, 1)
        display.spi(data)
    display.pin(CS, 1)


def window(display: Display, left: int, right: int, top: int, bottom: int) -> None:
    send(display, 0x2A, struct.pack(">HH", left, right))
    send(display, 0x2B, struct.pack(">HH", top, bottom))


def ready() -> Display:
    display = Display()
    display.pin(BACKLIGHT, 1)
    for command, data in ((0x01, b""), (0x11, b""), (0x3A, b"\x55"), (0x36, b"\0"), (0x21, b""), (0x29, b"")):
        send(display, command, data)
    return display


def pixel(display: Display, x: int, y: int) -> bytes:
    start = (y * WIDTH + x) * 2
    return display.pixels()[start : start + 2]


def test_window_is_filled_row_by_row_and_reported() -> None:
    display = ready()
    changes: list[tuple[int, int]] = []
    display.on_change.append(lambda first, last: changes.append((first, last)))
    window(display, 10, 12, 20, 21)
    send(display, 0x2C, RED * 3 + BLUE * 3)
    assert [pixel(display, x, 20) for x in (9, 10, 12, 13)] == [b"\0\0", RED, RED, b"\0\0"]
    assert [pixel(display, x, 21) for x in (9, 10, 12, 13)] == [b"\0\0", BLUE, BLUE, b"\0\0"]
    assert changes == [(20, 21)]
    assert display.faults == []


def test_pixels_may_be_cut_anywhere_between_writes() -> None:
    whole, cut = ready(), ready()
    picture = random.Random(1).randbytes(WIDTH * HEIGHT * 2)
    for display in (whole, cut):
        window(display, 0, WIDTH - 1, 0, HEIGHT - 1)
    send(whole, 0x2C, picture)
    send(cut, 0x2C)
    cut.pin(DC, 1)
    at, chance = 0, random.Random(2)
    while at < len(picture):
        size = chance.randint(1, 999)
        cut.pin(CS, 0)
        cut.spi(picture[at : at + size])
        cut.pin(CS, 1)
        at += size
    assert whole.pixels() == cut.pixels() == picture
    assert whole.faults == cut.faults == []


def test_nothing_is_seen_before_sleep_out_display_on_and_light() -> None:
    display = Display()
    steps = ((0x11, b""), (0x3A, b"\x55"), (0x21, b""), (0x2C, RED), (0x29, b""))
    for command, data in steps:
        send(display, command, data)
        assert not any(display.pixels())
    display.pwm(BACKLIGHT, 1000, 20000)
    assert pixel(display, 0, 0) == RED
    display.pwm(BACKLIGHT, 1000, 0)
    assert not any(display.pixels())


def test_without_inversion_an_ips_panel_shows_the_complement() -> None:
    display = ready()
    send(display, 0x2C, RED)
    send(display, 0x20)
    assert pixel(display, 0, 0) == b"\x07\xff"


def test_bus_is_ignored_without_chip_select_and_in_reset() -> None:
    display = ready()
    display.pin(DC, 0)
    display.spi(b"\x28")
    assert display.faults == []
    display.pin(RESET, 0)
    display.pin(CS, 0)
    display.spi(b"\x99")
    assert display.faults == []
    display.pin(RESET, 1)
    display.spi(b"\x99")
    assert display.faults == ["unknown command 99"]


def test_rotation_by_180_degrees_and_exchange() -> None:
    display = ready()
    send(display, 0x36, b"\xc0")
    window(display, 0, 1, 80, 80)
    send(display, 0x2C, RED + BLUE)
    assert pixel(display, 239, 239) == RED
    assert pixel(display, 238, 239) == BLUE
    send(display, 0x36, b"\x20")
    window(display, 5, 6, 7, 7)
    send(display, 0x2C, RED + BLUE)
    assert (pixel(display, 7, 5), pixel(display, 7, 6)) == (RED, BLUE)
    assert display.faults == []


def test_power_loss_darkens_and_forgets() -> None:
    display = ready()
    send(display, 0x2C, RED * 100)
    display.power(False)
    assert not any(display.pixels())
    assert not display.backlight


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ([(0xFE, b"")], "unknown command FE"),
        ([(0x2A, b"\0\0\0"), (0x2B, b"\0\0\0\1")], "command 2A with 3 parameters, expected 4"),
        ([(0x36, b"\0\0")], "command 36 with more than 1 parameters"),
        ([(0x2A, b"\0\5\0\4")], "CASET 5..4 is outside 0..239"),
        ([(0x2B, b"\0\0\1\x40")], "RASET 0..320 is outside 0..319"),
        ([(0x29, b"\1")], "command 29 with more than 0 parameters"),
        ([(0x2A, b"\0\0\0\0"), (0x2B, b"\0\0\0\0"), (0x2C, RED + BLUE)], "RAMWR beyond its window"),
        ([(0x2C, b"\xf8"), (0x00, b"")], "RAMWR ended in the middle of a pixel"),
        ([(0x3A, b"\x66"), (0x2C, b"")], "16-bit pixels only"),
    ],
)
def test_malformed_commands_are_faults(script: list[tuple[int, bytes]], sentence: str) -> None:
    display = ready()
    for command, data in script:
        send(display, command, data)
    assert len(display.faults) == 1
    assert sentence in display.faults[0]


def test_noise_on_the_bus_never_raises() -> None:
    chance = random.Random(7)
    display = ready()
    for _ in range(3000):
        display.pin(chance.choice((CS, DC, DC, CS, CS, RESET)), chance.randint(0, 1))
        display.spi(chance.randbytes(chance.randint(0, 40)))
    assert 0 < len(display.faults) <= 100
    assert len(display.pixels()) == WIDTH * HEIGHT * 2
