"""The MicroPython that the tests run protocol/ under: the one pip installed, else one on PATH."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 60


def micropython() -> str:
    """Its path; skips the test where there is none."""
    beside = Path(sys.executable).with_name("micropython")
    found = str(beside) if beside.is_file() else shutil.which("micropython")
    if found is None:
        pytest.skip("needs apt package micropython")
    return found


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
