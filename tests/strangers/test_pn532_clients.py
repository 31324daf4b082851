"""Drivers that others wrote take the emulator for a PN532, on its serial line, on SPI and on I2C."""

from collections.abc import Callable
from typing import Any

import pytest

from simulator.reader import Field, Pn532, PtyReader
from simulator.reader.buses import I2cBus, SpiBus
from tests.environments import stranger
from tests.simulator.card.terminal import UID, out_of_field
from tests.strangers.running import run

# GetVersion's first frame of seven bytes, and "more follows".
VERSION_BYTES = 1 + 7 + 2


@pytest.fixture(params=["uart", "spi", "i2c"])
def sees(request: pytest.FixtureRequest) -> Callable[[str], dict[str, Any]]:
    """What a program sees of a purse card on this interface."""

    def on(name: str) -> dict[str, Any]:
        field = Field()
        field.place(out_of_field())
        chip = Pn532(field)
        python = stranger(name)
        if request.param == "uart":
            with PtyReader(chip) as reader:
                return run(python, name, "uart", reader.path)
        return run(python, name, request.param, bus=(SpiBus if request.param == "spi" else I2cBus)(chip))

    return on


def test_adafruit_circuitpython_pn532(sees: Callable[[str], dict[str, Any]]) -> None:
    saw = sees("adafruit")
    version = bytes.fromhex(saw.pop("version"))
    assert len(version) == VERSION_BYTES and version[0] == 0 and version.endswith(b"\x91\xaf")
    assert saw == {
        "firmware": [0x32, 1, 6, 7],
        "uid": UID.hex(),
        "slept": True,
        "uid_after_sleep": UID.hex(),
    }


def test_pn532pi(sees: Callable[[str], dict[str, Any]]) -> None:
    saw = sees("pn532pi")
    version = bytes.fromhex(saw.pop("version"))
    assert len(version) == VERSION_BYTES - 1 and version.endswith(b"\x91\xaf")
    assert saw == {
        "firmware": "32010607",
        "configured": True,
        "pins": 0x15,
        "uid": UID.hex(),
        "released": True,
        "listed": True,
    }
