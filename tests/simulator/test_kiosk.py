"""The virtual kiosk around a small firmware of the test's own: screen, lamps, buzzer, reader, bundle."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.board import BoardError
from simulator.kiosk import VirtualKiosk
from simulator.reader import Field, Pn532, PtyReader
from tests.simulator.rom_image import make_rom
from tools.font import ASCII, LARGE, LARGE_48, TEXT_24, build

DRIVER = """
import framebuf, machine, time
cs, dc = machine.Pin(5, machine.Pin.OUT, value=1), machine.Pin(27, machine.Pin.OUT, value=0)
spi = machine.SPI(2, baudrate=40_000_000, sck=machine.Pin(18), mosi=machine.Pin(23))
font = memoryview(open("/rom/font24.bin", "rb").read())

def send(command, data=b""):
    cs(0); dc(0)
    spi.write(bytes((command,)))
    dc(1)
    if data:
        spi.write(data)
    cs(1)

def show(y, text):
    for number, character in enumerate(text):
        at = 7 + 8 * (ord(character) - 32)
        offset = int.from_bytes(font[at + 4 : at + 8], "little")
        x = 12 * number
        send(0x2A, bytes((0, x, 0, x + 11)))
        send(0x2B, bytes((0, y, 0, y + 23)))
        bits = font[offset : offset + 48]
        send(0x2C, b"".join(
            b"\\xff\\xff" if bits[2 * row + i // 8] >> (7 - i % 8) & 1 else b"\\0\\0"
            for row in range(24) for i in range(12)))

for command, data in ((0x11, b""), (0x3A, b"\\x55"), (0x21, b""), (0x29, b"")):
    send(command, data)
machine.Pin(14, machine.Pin.OUT, value=1)
"""
PATIENCE_S = 60


@pytest.fixture
def make_kiosk(tmp_path: Path) -> Iterator[Callable[..., VirtualKiosk]]:
    """make_kiosk(main_source, reader=None): a kiosk that is off; the driver above is its module `panel`."""
    kiosks: list[VirtualKiosk] = []

    def make(main: str, reader: PtyReader | None = None, **options: Any) -> VirtualKiosk:
        folder = tmp_path / f"rom{len(kiosks)}"
        fonts = {"font24.bin": build(ASCII, TEXT_24), "font48.bin": build(LARGE, LARGE_48)}
        rom = make_rom(folder, main, files=fonts, panel=DRIVER)
        for name, data in fonts.items():
            (folder / name).write_bytes(data)
        kiosks.append(VirtualKiosk(rom, tmp_path / "K1", reader, **options))
        return kiosks[-1]

    yield make
    for kiosk in kiosks:
        kiosk.power_cut()
        assert not kiosk.running


def test_screen_lamps_and_buzzer(make_kiosk: Callable[..., VirtualKiosk]) -> None:
    kiosk = make_kiosk(
        """
import machine, time
import panel
green, red = machine.Pin(32, machine.Pin.OUT), machine.Pin(33, machine.Pin.OUT)
tone = machine.PWM(machine.Pin(25), freq=880, duty_u16=0)
panel.show(0, "Hold card")
red(1)
time.sleep_ms(100)
panel.show(48, "75.00 OK")
green(1); red(0)
tone.duty_u16(30000)
while True: time.sleep_ms(20)
"""
    )
    kiosk.power_on()
    assert kiosk.wait_screen("Hold card", PATIENCE_S)
    assert kiosk.wait_screen("75.00", PATIENCE_S)
    assert kiosk.board.wait_for(lambda: kiosk.buzzer_hz == 880, PATIENCE_S)
    assert (kiosk.green, kiosk.red) == (True, False)
    assert kiosk.screen_lines() == ["Hold card", "75.00 OK"]
    assert not kiosk.wait_screen("99.00", timeout_s=0.05)
    assert kiosk.problems() == []
    kiosk.power_cut()
    assert kiosk.screen_lines() == []
    assert (kiosk.green, kiosk.buzzer_hz) == (False, 0)


def test_bundle_is_found_by_the_firmware_and_survives(make_kiosk: Callable[..., VirtualKiosk]) -> None:
    kiosk = make_kiosk(
        "import time\nimport panel\npanel.show(0, open('/bundle.cbor').read())\n"
        "while True: time.sleep_ms(20)\n"
    )
    kiosk.provision(b"shop seven")
    for _ in range(2):
        kiosk.power_on()
        assert kiosk.wait_screen("shop seven", PATIENCE_S)
        with pytest.raises(BoardError, match="switch it off"):
            kiosk.provision(b"while it runs")
        kiosk.power_cut()
    kiosk.provision(b"shop eight")
    kiosk.power_on()
    assert kiosk.wait_screen("shop eight", PATIENCE_S)


def test_a_broken_flash_is_not_formatted_by_provisioning(make_kiosk: Callable[..., VirtualKiosk]) -> None:
    kiosk = make_kiosk("pass")
    kiosk.provision(b"first")
    image = kiosk.board.run_dir / "vfs.flash"
    broken = b"\0" * 8192 + image.read_bytes()[8192:]
    image.write_bytes(broken)
    with pytest.raises(BoardError, match="OSError"):
        kiosk.provision(b"second")
    assert image.read_bytes() == broken


def test_firmware_talks_to_the_reader_and_resets_it(make_kiosk: Callable[..., VirtualKiosk]) -> None:
    with PtyReader(Pn532(Field())) as reader:
        resets = threading.Event()
        reset = reader.pn532.reset

        def watched() -> None:
            reset()
            resets.set()

        reader.pn532.reset = watched  # type: ignore[method-assign]
        kiosk = make_kiosk(
            """
import asyncio, machine
async def ask():
    power = machine.Pin(4, machine.Pin.OUT, value=1)
    power(0); power(1)
    uart = machine.UART(1, baudrate=115200, tx=17, rx=16, timeout=0, rxbuf=512)
    reader, writer = asyncio.StreamReader(uart), asyncio.StreamWriter(uart)
    writer.write(b"\\x55\\x55\\0\\0\\0\\0\\0\\0" + bytes.fromhex("0000ff02fed4022a00"))
    await writer.drain()
    print("answer", (await reader.readexactly(19)).hex())
def run():
    asyncio.run(ask())
""",
            reader,
        )
        kiosk.power_on()
        answer = "answer 0000ff00ff000000ff06fad50332010607e800"
        assert kiosk.board.wait_for(lambda: answer in kiosk.board.console.tail(), PATIENCE_S)
        assert resets.is_set()


def test_problems_name_a_crash(make_kiosk: Callable[..., VirtualKiosk]) -> None:
    kiosk = make_kiosk("import panel\npanel.send(0xFE)\nraise RuntimeError('lost')\n")
    kiosk.power_on()
    assert kiosk.board.wait_for(lambda: not kiosk.running, PATIENCE_S)
    crash, fault = kiosk.problems()
    assert "RuntimeError: lost" in crash
    assert fault == "unknown command FE"
