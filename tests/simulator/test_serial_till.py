"""The till of a simulated kiosk: what it says and hears over its terminal."""

import os
from collections.abc import Iterator

import pytest

from simulator.serial_till import SerialTill, line


@pytest.fixture
def till() -> Iterator[SerialTill]:
    made = SerialTill()
    yield made
    made.stop()
    made.stop()


def test_lines_carry_the_crc_that_zlib_gives() -> None:
    assert line("123456789") == b"123456789*CBF43926\r\n"


def test_it_asks_and_hears_whole_lines_alone(till: SerialTill) -> None:
    other = os.open(till.path, os.O_RDWR | os.O_NOCTTY)
    try:
        till.ask("STATUS 1")
        assert os.read(other, 100) == line("STATUS 1")
        os.write(other, line("WAIT 1")[:4])
        os.write(other, line("WAIT 1")[4:] + b"\r\n" + line("PAID 1 1.1"))
        assert till.heard("PAID 1 1.1", 5)
        assert till.answers() == ["WAIT 1", "PAID 1 1.1"]
        os.write(other, b"PAID 2*00000000\r\n")
        assert till.heard("?PAID 2", 5), "a wrong check is seen"
        till.ask("STATUS 2")
        assert till.answers() == [], "what was answered before is forgotten"
        assert not till.heard("NONE 2", 0.01)
    finally:
        os.close(other)
