"""The flash model runs in MicroPython, so its tests do as well; here they are started and judged."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.board.flash import PARTITIONS, ensure_image
from simulator.board.shim_rom import SHIM

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
    with pytest.raises(ValueError, match="move it away"):
        ensure_image(path)
    assert path.read_bytes() == b"holiday photo"
