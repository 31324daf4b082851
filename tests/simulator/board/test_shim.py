"""What the firmware sees of the chip: pins, serial line, Wi-Fi, clock, watchdog, flash, heap."""

import os
import tty
from pathlib import Path

from simulator.board import State, link
from simulator.board.process import SHIM_HEAP_BYTES
from tests.simulator.board.conftest import COUNT, IDLE, MakeBoard, ended, said
from tests.simulator.rom_image import make_rom


def test_shim_holds_what_is_set_aside_for_it_and_rom_code_stays_out_of_the_heap(
    make_board: MakeBoard,
) -> None:
    terms = [" + ".join(f"x * {n + k}" for k in range(400)) for n in range(12)]
    code = "".join(f"def f{n}(x):\n    return {sum}\n" for n, sum in enumerate(terms))
    board = make_board(
        "import gc\ngc.collect()\nbefore = gc.mem_alloc()\n"
        "import big\ngc.collect()\nprint('grew', gc.mem_alloc() - before)\nprint('free', gc.mem_free())\n"
        + IDLE,
        heap_bytes=96 * 1024,
    )
    make_rom(board.rom.parent, (board.rom.parent / "main.py").read_text(), big=code)
    rom_bytes = board.rom.stat().st_size
    board.power_on()
    assert said(board, "free")
    assert SHIM_HEAP_BYTES * 0.8 < board.chip.shim_heap_bytes <= SHIM_HEAP_BYTES
    grew = next(int(line.split()[1]) for line in board.console.tail() if line.startswith("grew"))
    assert rom_bytes > 10_000
    assert grew < rom_bytes / 2


def test_watchdog_bites_a_firmware_that_hangs(make_board: MakeBoard) -> None:
    board = make_board(
        COUNT + "import machine\nprint('start', count)\n"
        "if count == 0:\n    machine.WDT(timeout=200)\n    while True: pass\n" + IDLE
    )
    board.power_on()
    assert said(board, "start 1")
    assert board.chip.watchdog_bites == 1


def test_watchdog_lets_a_firmware_live_that_feeds_it(make_board: MakeBoard) -> None:
    board = make_board(
        "import machine, time\ndog = machine.WDT(timeout=500)\n"
        "for _ in range(100):\n    time.sleep_ms(10)\n    dog.feed()\nprint('fed')\n"
        "while True:\n    time.sleep_ms(10)\n    dog.feed()\n"
    )
    board.power_on()
    assert said(board, "fed")
    assert board.chip.watchdog_bites == 0


def test_programming_what_is_not_erased_is_loud(make_board: MakeBoard) -> None:
    board = make_board(
        """
from esp32 import Partition
journal = Partition.find(Partition.TYPE_DATA, label="journal")[0]
journal.writeblocks(3, b"\\x00", 7)
try:
    journal.writeblocks(3, b"\\x01", 7)
except Exception:
    print("hidden")
"""
    )
    board.power_on()
    assert ended(board, State.CRASHED)
    assert "erase first" in board.chip.faults[0]
    assert "hidden" not in board.console.tail()


def test_pins_wifi_clock_and_pwm(make_board: MakeBoard) -> None:
    board = make_board(
        """
import machine, network, time
print("start", time.gmtime()[:3])
machine.RTC().datetime((2026, 11, 22, 6, 13, 14, 15, 0))
print("set", time.gmtime()[:6], machine.RTC().datetime()[3])
machine.Pin(32, machine.Pin.OUT, value=1)
tone = machine.PWM(machine.Pin(25), freq=2000, duty_u16=30000)
wlan = network.WLAN(network.WLAN.IF_STA)
try:
    wlan.connect("shop", "key")
except OSError as error:
    print("inactive:", error)
wlan.active(True)
wlan.connect("shop", "key")
seen = None
while True:
    now = (wlan.isconnected(), time.gmtime()[2])
    if now != seen:
        print("now", now)
        seen = now
    time.sleep_ms(2)
"""
    )
    board.power_on()
    assert said(board, "now (True, 22)")
    assert said(board, "start (2000, 1, 1)")
    assert said(board, "set (2026, 11, 22, 13, 14, 15) 6")
    assert said(board, "inactive: WiFi Not Started")
    assert board.chip.pins[32] == 1
    assert board.chip.pwm[25] == (2000, 30000)
    board.access_point(False)
    assert said(board, "now (False, 22)")
    board.tell(link.heap_command())
    assert board.wait_for(lambda: board.chip.live_heap_bytes is not None, 10)
    assert 0 < (board.chip.live_heap_bytes or 0) < 96 * 1024
    board.tell(link.clock_command(86400))
    assert said(board, "now (False, 23)")


def test_serial_line_is_a_stream_for_asyncio(make_board: MakeBoard) -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    board = make_board(
        """
import asyncio, machine
async def echo():
    uart = machine.UART(1, baudrate=115200, tx=17, rx=16, timeout=0, rxbuf=512)
    assert machine.UART(1, baudrate=921600) is uart
    reader, writer = asyncio.StreamReader(uart), asyncio.StreamWriter(uart)
    print("ready")
    while True:
        data = await reader.read(64)
        writer.write(bytes(reversed(data)))
        await writer.drain()
def run():
    asyncio.run(echo())
""",
        uart=Path(os.ttyname(slave)),
    )
    board.power_on()
    assert said(board, "ready")
    for message in (b"\x00\x03\xff\n\r\x11\x13\x1a", b"12345678"):
        os.write(master, message)
        answer = b""
        while len(answer) < len(message):
            answer += os.read(master, 100)
        assert answer == message[::-1]
    os.close(master)
    os.close(slave)


def test_without_a_line_the_uart_says_so(make_board: MakeBoard) -> None:
    board = make_board("import machine\nmachine.UART(1)\n")
    board.power_on()
    assert ended(board, State.CRASHED)
    assert "ENODEV" in board.crashes[0]
