"""A board with small firmwares of the test's own: start, crash, reset, watchdog, power cuts, heap."""

import os
import signal
import subprocess
import sys
import tty
from pathlib import Path

import pytest

from simulator.board import Board, BoardError, State
from simulator.board.process import SHIM_HEAP_BYTES
from tests.simulator.board.conftest import MakeBoard
from tests.simulator.rom_image import make_rom

IDLE = "import time\nprint('idle')\nwhile True:\n    time.sleep_ms(10)\n"
COUNT = """
try:
    count = int(open("/count").read())
except OSError:
    count = 0
with open("/count", "w") as file:
    file.write(str(count + 1))
"""


def said(board: Board, text: str, timeout_s: float = 10.0) -> bool:
    return board.wait_for(lambda: any(text in line for line in board.console.tail()), timeout_s)


def ended(board: Board, state: State, timeout_s: float = 10.0) -> bool:
    return board.wait_for(lambda: board.state is state, timeout_s)


def test_boots_and_shows_a_crash(make_board: MakeBoard) -> None:
    board = make_board("def run():\n    raise ValueError('no such shop')\n")
    board.power_on()
    assert ended(board, State.CRASHED)
    assert "ValueError: no such shop" in board.crashes[0]
    assert "no such shop" in Path(board.console.path).read_text()


def test_flash_outlives_the_power(make_board: MakeBoard) -> None:
    board = make_board(COUNT + "print('count', count)\n" + IDLE)
    for number in range(3):
        board.power_on()
        assert said(board, f"count {number}")
        assert said(board, "idle")
        board.power_cut()
        assert board.state is State.OFF
    assert board.chip.flash_operations["program"] > 0
    assert board.chip.faults == []


def test_shim_holds_what_is_set_aside_for_it_and_rom_code_stays_out_of_the_heap(
    make_board: MakeBoard,
) -> None:
    code = "\n".join(
        f"def f{n}(x):\n    return " + "+".join(f"x*{n + k}" for k in range(40)) for n in range(60)
    )
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


def test_reset_starts_again_with_its_cause(make_board: MakeBoard) -> None:
    board = make_board(
        COUNT
        + "import machine\nprint('cause', machine.reset_cause())\nif count == 0:\n    machine.reset()\n"
        + IDLE
    )
    board.power_on()
    assert said(board, "cause 2")
    assert said(board, "cause 1")
    assert board.chip.resets == 1
    assert board.state is State.RUNNING


def test_watchdog_bites_a_firmware_that_hangs(make_board: MakeBoard) -> None:
    board = make_board(
        COUNT + "import machine\nprint('cause', machine.reset_cause())\n"
        "if count == 0:\n    machine.WDT(timeout=200)\n    while True: pass\n" + IDLE
    )
    board.power_on()
    assert said(board, "cause 3")
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


def test_armed_cut_stops_in_the_middle_and_the_flash_mounts_again(make_board: MakeBoard) -> None:
    write = """
import os
for number in range({rounds}):
    with open("/state.new", "w") as file:
        file.write("whole " * 100)
    os.rename("/state.new", "/state")
print("state", open("/state").read() == "whole " * 100)
"""
    board = make_board(write.format(rounds=1) + write.format(rounds=1000) + IDLE)
    board.power_on()
    assert said(board, "state True")
    board.arm_power_cut(17, seed=4)
    assert ended(board, State.OFF)
    assert board.chip.last_cut_operation is not None
    board.arm_power_cut(3, seed=9)
    board.power_on()
    assert ended(board, State.OFF)
    assert board.chip.last_cut_operation == 3
    board.power_on()
    assert board.wait_for(lambda: board.console.tail().count("state True") >= 2, 10)
    assert board.crashes == []
    assert board.chip.faults == []


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


def test_pins_inputs_wifi_clock_and_pwm(make_board: MakeBoard) -> None:
    board = make_board(
        """
import machine, network, time
print("start", time.gmtime()[:3], machine.unique_id())
machine.RTC().datetime((2026, 11, 22, 6, 13, 14, 15, 0))
print("set", time.gmtime()[:6], machine.RTC().datetime()[3])
machine.Pin(32, machine.Pin.OUT, value=1)
tone = machine.PWM(machine.Pin(25), freq=2000, duty_u16=30000)
key = machine.Pin(13, machine.Pin.IN, machine.Pin.PULL_UP)
wlan = network.WLAN(network.WLAN.IF_STA)
try:
    wlan.connect("shop", "key")
except OSError as error:
    print("inactive:", error)
wlan.active(True)
print("idle", wlan.status() == network.STAT_IDLE)
wlan.connect("shop", "key")
seen = None
while True:
    now = (key.value(), wlan.isconnected(), wlan.status(), wlan.ifconfig()[0], time.gmtime()[2])
    if now != seen:
        print("now", now)
        seen = now
    time.sleep_ms(2)
""",
        unique_id=b"\x02abcde",
    )
    board.power_on()
    assert said(board, "now (1, True, 1010, '127.0.0.1', 22)")
    assert said(board, "start (2000, 1, 1) b'\\x02abcde'")
    assert said(board, "set (2026, 11, 22, 13, 14, 15) 6")
    assert said(board, "inactive: WiFi Not Started")
    assert board.chip.pins[32] == 1
    assert board.chip.pwm[25] == (2000, 30000)
    board.set_input(13, 0)
    assert said(board, "now (0, True")
    board.access_point(False)
    assert said(board, "now (0, False, 201, '0.0.0.0', 22)")
    board.shift_clock(86400)
    assert said(board, "now (0, False, 201, '0.0.0.0', 23)")
    board.set_input(13, None)
    assert said(board, "now (1, False")


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


def test_missing_image_line_and_interpreter_are_named(make_board: MakeBoard, tmp_path: Path) -> None:
    with pytest.raises(BoardError, match="make firmware"):
        Board(tmp_path / "a", tmp_path / "none.romfs").power_on()
    with pytest.raises(BoardError, match="start the reader first"):
        make_board(IDLE, uart=tmp_path / "no-tty").power_on()
    with pytest.raises(OSError, match="no-micropython"):
        make_board(IDLE, interpreter=tmp_path / "no-micropython").power_on()


def test_power_cut_wins_over_a_reset_loop(make_board: MakeBoard) -> None:
    board = make_board("import machine\nmachine.reset()\n")
    board.power_on()
    assert board.wait_for(lambda: board.chip.resets >= 3, 10)
    board.power_cut()
    assert board.state is State.OFF
    assert board.pid is None


def test_script_works_on_the_flash_of_a_board_that_is_off(make_board: MakeBoard, tmp_path: Path) -> None:
    board = make_board("print(open('/note').read())\n" + IDLE)
    script = tmp_path / "script.py"
    script.write_text(
        "import vfs\nfrom esp32 import Partition\n"
        "part = Partition.find(Partition.TYPE_DATA, label='vfs')[0]\n"
        "vfs.VfsLfs2.mkfs(part)\nvfs.mount(part, '/')\n"
        "with open('/note', 'w') as file:\n    file.write(arguments['text'])\n"
    )
    board.run_script(script, "text=from the workshop")
    board.power_on()
    assert said(board, "from the workshop")
    with pytest.raises(BoardError, match="switch it off"):
        board.run_script(script, "text=x")
    board.power_cut()
    script.write_text("raise ValueError('broken script')\n")
    with pytest.raises(BoardError, match="broken script"):
        board.run_script(script)


def test_plain_micropython_boots_the_same_image(make_board: MakeBoard, tmp_path: Path) -> None:
    """The interpreter of the wheel, called as a program of its own, stands for a micropython on PATH."""
    plain = tmp_path / "micropython"
    run = "import sys, micropython_unix; sys.exit(micropython_unix.main())"
    plain.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{run}" "$@"\n')
    plain.chmod(0o755)
    board = make_board(COUNT + "print('count', count)\n" + IDLE, interpreter=plain)
    board.power_on()
    assert said(board, "count 0")


def test_no_firmware_outlives_its_simulator(tmp_path: Path) -> None:
    """The simulator is killed without a chance to clean up; the firmware runs in a loop that never looks
    up.
    """
    rom = make_rom(tmp_path / "rom", "while True:\n    pass\n")
    source = (
        "import sys, time\nfrom pathlib import Path\nfrom simulator.board import Board\n"
        f"board = Board(Path({str(tmp_path / 'run')!r}), Path({str(rom)!r}))\n"
        "board.power_on()\nassert board.wait_for(lambda: board.chip.booted, 10)\n"
        "print(board.pid, flush=True)\ntime.sleep(60)\n"
    )
    simulator = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, cwd=Path.cwd())
    assert simulator.stdout is not None
    firmware = int(simulator.stdout.readline())
    watched = os.pidfd_open(firmware) if hasattr(os, "pidfd_open") else None
    simulator.send_signal(signal.SIGKILL)
    simulator.wait()
    simulator.stdout.close()
    if watched is None:
        pytest.skip("this platform can't watch a process that isn't its child")
    import select

    readable, _, _ = select.select([watched], [], [], 5)
    os.close(watched)
    assert readable
