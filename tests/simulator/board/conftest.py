"""Boards that are switched off when their test is over."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.board import Board
from tests.simulator.rom_image import make_rom

MakeBoard = Callable[..., Board]


@pytest.fixture
def make_board(tmp_path: Path) -> Iterator[MakeBoard]:
    """make_board(main_source, boot=..., **options of Board): a board that is off, with its own ROM."""
    boards: list[Board] = []

    def make(main: str, *, boot: str | None = None, **options: Any) -> Board:
        name = f"board{len(boards)}"
        rom = make_rom(tmp_path / f"{name}-rom", main, **({} if boot is None else {"boot": boot}))
        boards.append(Board(tmp_path / name, rom, **options))
        return boards[-1]

    yield make
    for board in boards:
        board.power_cut()
        assert board.pid is None
