"""A board's process does not outlive the simulator that started it."""

import os
import signal
import subprocess
import sys

from simulator.board import launcher
from tests.micropython import micropython


def test_one_whose_simulator_died_before_it_listened_dies_too() -> None:
    micropython()
    life, held = os.pipe()
    os.close(held)
    try:
        argv = [sys.executable, launcher.__file__, str(life), "-c", "while True: pass"]
        assert subprocess.run(argv, pass_fds=[life], timeout=60).returncode == signal.SIGIO
    finally:
        os.close(life)
