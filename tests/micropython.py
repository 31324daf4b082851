"""The MicroPython that tests run: the one pip installed, else one on PATH."""

import shutil
import sys
from pathlib import Path

import pytest


def find() -> str | None:
    """Its path."""
    beside = Path(sys.executable).with_name("micropython")
    return str(beside) if beside.is_file() else shutil.which("micropython")


def micropython() -> str:
    """Its path; skips the test where there is none."""
    found = find()
    if found is None:
        pytest.skip("needs apt package micropython >= 1.25")
    return found
