"""Runs a program of protocol/ under either Python."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 60


def run(program: str, *args: str) -> subprocess.CompletedProcess[str]:
    """`program args` in the project's folder, with protocol/ importable."""
    return subprocess.run(
        [program, *args],
        cwd=ROOT,
        env={**os.environ, "MICROPYPATH": f"{ROOT}:.frozen", "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
