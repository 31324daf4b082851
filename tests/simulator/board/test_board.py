"""A board with small firmwares of the test's own: start, crash, reset, watchdog, power cuts, heap."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.board import Board, BoardError, State
from tests.simulator.board.conftest import COUNT, IDLE, MakeBoard, ended, said
from tests.simulator.rom_image import make_rom


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


def test_reset_starts_again(make_board: MakeBoard) -> None:
    board = make_board(
        COUNT + "import machine\nprint('start', count)\nif count == 0:\n    machine.reset()\n" + IDLE
    )
    board.power_on()
    assert said(board, "start 1")
    assert board.chip.resets == 1
    assert board.state is State.RUNNING


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


def test_missing_image_line_and_interpreter_are_named(make_board: MakeBoard, tmp_path: Path) -> None:
    with pytest.raises(BoardError, match="make firmware"):
        Board(tmp_path / "a", tmp_path / "none.romfs").power_on()
    with pytest.raises(BoardError, match="start what hangs on it first"):
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
