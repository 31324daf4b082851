"""The firmware's type check knows MicroPython's modules, not CPython's, and catches a misuse of them."""

from pathlib import Path

import pytest

from tools.check_firmware import STUBS, check

GOOD = """
import asyncio
import time

import machine


async def blink(pin: machine.Pin) -> int:
    start = time.ticks_ms()
    pin.value(1)
    await asyncio.sleep_ms(5)
    return time.ticks_diff(time.ticks_ms(), start)
"""


def checked(folder: Path, text: str, area: str = "firmware") -> int:
    for name in ("firmware", "protocol"):
        (folder / name).mkdir()
        (folder / name / f"{name}_part.py").write_text(text if name == area else "")
    return check(folder, STUBS)


def test_micropython_code_passes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert checked(tmp_path, GOOD) == 0, capfd.readouterr().out


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("pin.value(1)", "pin.valve(1)", '"Pin" has no attribute "valve"'),
        ("sleep_ms(5)", 'sleep_ms("5")', 'matches argument type "str"'),
        ("time.ticks_ms()\n", "time.monotonic()\n", 'has no attribute "monotonic"'),
        ("-> int:", "-> str:", "Incompatible return value"),
        ("(pin: machine.Pin) -> int", "(pin)", "missing a type annotation"),
    ],
)
def test_a_fault_is_caught(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], right: str, wrong: str, said: str
) -> None:
    assert right in GOOD
    assert checked(tmp_path, GOOD.replace(right, wrong, 1)) == 1
    assert said in capfd.readouterr().out


def test_a_fault_of_the_protocol_is_caught_too(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert checked(tmp_path, "import time\n\nnow_s = time.monotonic()\n", "protocol") == 1
    assert 'has no attribute "monotonic"' in capfd.readouterr().out
