"""What this machine can do at best, measured in the same run as what is compared with it."""

import os
import statistics
import subprocess
import time
from pathlib import Path

from tests import micropython


def fdatasync_s(folder: Path, rounds: int = 200) -> float:
    """Median time to append 256 bytes to a file and make them durable."""
    samples = []
    with (folder / "fdatasync").open("wb", buffering=0) as file:
        sync = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync
        for _ in range(rounds):
            began = time.perf_counter()
            file.write(bytes(256))
            sync(file.fileno())
            samples.append(time.perf_counter() - began)
    return statistics.median(samples)


def bare_micropython_s(rounds: int = 15) -> float:
    """Median time of a MicroPython process that does nothing: what a start costs before our first line."""
    command = [micropython.find() or "micropython", "-c", "pass"]
    samples = []
    for _ in range(rounds):
        began = time.perf_counter()
        subprocess.run(command, check=True)
        samples.append(time.perf_counter() - began)
    return statistics.median(samples)
