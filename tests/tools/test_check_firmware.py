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


def firmware(folder: Path, text: str) -> int:
    (folder / "firmware").mkdir()
    (folder / "firmware" / "main.py").write_text(text)
    return check(folder, STUBS)


def test_micropython_code_passes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert firmware(tmp_path, GOOD) == 0, capfd.readouterr().out


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
    assert firmware(tmp_path, GOOD.replace(right, wrong, 1)) == 1
    assert said in capfd.readouterr().out
