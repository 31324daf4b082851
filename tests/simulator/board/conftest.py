"""Boards that are switched off when their test is over."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.board import Board, State
from tests.simulator.rom_image import MOUNT, make_rom

MakeBoard = Callable[..., Board]

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


@pytest.fixture
def make_board(tmp_path: Path) -> Iterator[MakeBoard]:
    """make_board(main_source, boot=..., **options of Board): a board that is off, with its own ROM."""
    boards: list[Board] = []

    def make(main: str, *, boot: str | None = None, **options: Any) -> Board:
        name = f"board{len(boards)}"
        rom = make_rom(tmp_path / f"{name}-rom", main, boot=MOUNT if boot is None else boot)
        boards.append(Board(tmp_path / name, rom, **options))
        return boards[-1]

    yield make
    for board in boards:
        board.power_cut()
        assert board.pid is None
