"""The mono panel's model: what a driver sends becomes pixels; what no module understands becomes a fault."""

import random

import pytest

from simulator.board.oled import ADDRESS, HEIGHT, WIDTH, Oled

SETUP = bytes.fromhex("8d14 2000 a1 c8 da12 af")


def ready() -> Oled:
    panel = Oled()
    panel.i2c(ADDRESS, b"\x00" + SETUP)
    return panel


def lit(panel: Oled) -> set[tuple[int, int]]:
    pixels = panel.pixels()
    return {(at // 2 % WIDTH, at // 2 // WIDTH) for at in range(0, len(pixels), 2) if pixels[at]}


def window(panel: Oled, left: int, right: int, top: int, bottom: int) -> None:
    panel.i2c(ADDRESS, bytes((0, 0x21, left, right, 0x22, top, bottom)))


def test_a_window_is_filled_page_by_page_the_lowest_bit_on_top() -> None:
    panel = ready()
    changes: list[tuple[int, int]] = []
    panel.on_change.append(lambda first, last: changes.append((first, last)))
    window(panel, 10, 11, 2, 3)
    panel.i2c(ADDRESS, b"\x40\x01\x00\x00\x80")
    assert lit(panel) == {(10, 16), (11, 31)}
    assert changes == [(16, 31)] and panel.faults == []
    panel.i2c(ADDRESS, b"\x40\x02")  # round again, at the window's head
    assert lit(panel) == {(10, 17), (11, 31)}


def test_nothing_is_seen_before_pump_and_display_are_on_nor_after_power_loss() -> None:
    panel = Oled()
    panel.i2c(ADDRESS, b"\x00\xa1\xc8\x20\x00")
    panel.i2c(ADDRESS, b"\x40\xff")
    assert not lit(panel)
    panel.i2c(ADDRESS, b"\x00\xaf")
    assert not lit(panel)
    panel.i2c(ADDRESS, b"\x00\x8d\x14")
    assert lit(panel) == {(0, y) for y in range(8)}
    panel.power(False)
    panel.i2c(ADDRESS, b"\x00" + SETUP)
    assert not lit(panel)


def test_mirrored_turned_and_inverted_as_the_commands_say() -> None:
    panel = ready()
    panel.i2c(ADDRESS, b"\x40\x01")
    panel.i2c(ADDRESS, b"\x00\xa0\xc0")
    assert lit(panel) == {(WIDTH - 1, HEIGHT - 1)}
    panel.i2c(ADDRESS, b"\x00\xa7")
    assert len(lit(panel)) == WIDTH * HEIGHT - 1


def test_page_addressing_is_what_a_module_starts_with() -> None:
    panel = Oled()
    panel.i2c(ADDRESS, b"\x80\xb3\x80\x05\x80\x11\x80\xa1\x80\xc8\x80\x8d\x80\x14\x80\xaf")
    panel.i2c(ADDRESS, b"\x40\x01\x01")
    assert lit(panel) == {(0x15, 24), (0x16, 24)}
    assert panel.faults == []


def test_another_address_is_another_part() -> None:
    panel = ready()
    panel.i2c(0x3D, b"\x40\xff\xff")
    assert not lit(panel) and panel.faults == []


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (b"\x00\xfe", "unknown command FE"),
        (b"\x00\x21\x05\x04", "21 5..4 is outside"),
        (b"\x00\x22\x00\x08", "22 0..8 is outside"),
        (b"\x00\xa8\x1f", "A8 with 1F"),
        (b"\x00\xa5", "lights every pixel"),
        (b"\x00\x41", "unknown command 41"),
        (b"\x20\x00", "control byte 20"),
        (b"\x80", "control byte 80"),
    ],
)
def test_malformed_transfers_are_faults(sent: bytes, sentence: str) -> None:
    panel = ready()
    panel.i2c(ADDRESS, sent)
    assert len(panel.faults) == 1 and sentence in panel.faults[0]


def test_noise_on_the_bus_never_raises() -> None:
    chance, panel = random.Random(7), Oled()
    for _ in range(3000):
        panel.i2c(ADDRESS, chance.choice((b"\x00", b"\x40", b"\x80", b"")) + chance.randbytes(30))
    assert 0 < len(panel.faults) <= 100
    assert len(panel.pixels()) == WIDTH * HEIGHT * 2
