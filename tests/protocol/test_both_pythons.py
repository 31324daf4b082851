"""CPython and MicroPython run the same protocol/: hundreds of seeded inputs, compared line by line."""

import sys
from pathlib import Path

from tests.micropython import micropython
from tests.protocol.interpreter import run

SCRIPT = str(Path(__file__).with_name("both_pythons.py"))


def test_the_same_results_and_the_same_refusals() -> None:
    on_chip, on_host = run(micropython(), SCRIPT), run(sys.executable, SCRIPT)
    assert (on_chip.returncode, on_chip.stderr) == (0, "")
    assert (on_host.returncode, on_host.stderr) == (0, "")
    assert len(on_host.stdout.splitlines()) > 500
    assert on_chip.stdout.splitlines() == on_host.stdout.splitlines()
