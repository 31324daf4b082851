"""The flash model runs in MicroPython, so its tests do as well; here they are started and judged."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.board import BoardError
from simulator.board.flash import PARTITIONS, ensure_image
from simulator.board.shim_rom import SHIM
from tests.simulator.board.conftest import MakeBoard

# `python -m micropython_unix` would hide the exit code.
RUN = "import sys, micropython_unix; sys.exit(micropython_unix.main())"
SCRIPTS = Path(__file__).parent / "micropython"
FIRMWARE = Path(__file__).resolve().parents[3] / "firmware"


def micropython(script: str) -> list[str]:
    """Run a script with shim and firmware on the path; its output by lines."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, "-X", "heapsize=4M", str(SCRIPTS / script)],
        env={**os.environ, "MICROPYPATH": f"{SHIM}:{FIRMWARE}:.frozen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def test_nor_rules() -> None:
    lines = micropython("nor_rules.py")
    assert len(lines) == 7
    assert all(line.startswith("ok ") for line in lines)


def test_littlefs_survives_a_cut_at_each_operation() -> None:
    """The summary comes only when every cut left a file system that mounts and keeps what was flushed."""
    # littlefs itself speaks of the torn blocks it passes over; the last line is ours.
    word, count = micropython("littlefs_cuts.py")[-1].split()
    assert word == "cuts"
    assert int(count) > 200


def test_new_image_is_erased_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "vfs.flash"
    ensure_image(path)
    assert path.read_bytes() == b"\xff" * PARTITIONS["vfs"][1]
    path.write_bytes(b"\0" * PARTITIONS["vfs"][1])
    ensure_image(path)
    assert path.read_bytes() == b"\0" * PARTITIONS["vfs"][1]


def test_file_of_another_size_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "vfs.flash"
    path.write_bytes(b"holiday photo")
    with pytest.raises(BoardError, match="move it away"):
        ensure_image(path)
    assert path.read_bytes() == b"holiday photo"


def test_a_board_whose_flash_has_another_size_says_what_to_do(make_board: MakeBoard) -> None:
    """Of an earlier version's data folder."""
    board = make_board("pass")
    (board.run_dir / "vfs.flash").write_bytes(b"\xff" * 1024 * 1024)
    with pytest.raises(BoardError, match=r"vfs\.flash has 1048576 bytes.*move it away"):
        board.power_on()


def test_what_is_no_image_is_not_flashed(make_board: MakeBoard) -> None:
    board = make_board("pass")
    board.rom.write_bytes(board.rom.read_bytes()[:-1])
    with pytest.raises(BoardError, match="which says"):
        board.power_on()
    assert not (board.run_dir / "romfs.flash").exists()


def test_the_table_of_the_chip_is_the_one_that_is_flashed() -> None:
    """firmware/partitions.csv, the shim's table and ours."""
    lines = (FIRMWARE / "partitions.csv").read_text().splitlines()
    rows = [[cell.strip() for cell in line.split(",")] for line in lines if not line.startswith("#")]
    table = {row[0]: (int(row[3], 16), int(row[4], 16)) for row in rows}
    assert {label: table[label] for label in PARTITIONS} == PARTITIONS
    shim = (SHIM / "prelude.py").read_text()
    for label, (address, size) in PARTITIONS.items():
        assert f'("{label}", 0x{address:X}, 0x{size:X})' in shim
    ends = [offset + size for offset, size in table.values()]
    assert [offset for offset, _ in list(table.values())[1:]] == ends[:-1] and ends[-1] == 4 << 20
