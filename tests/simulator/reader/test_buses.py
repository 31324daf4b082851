"""SPI and I2C transactions; that strangers take them for a PN532 is in tests/strangers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.reader import Field, Pn532
from simulator.reader.buses import I2cBus, SpiBus
from tests.simulator.card.terminal import blank_card
from tests.simulator.reader.host_side import ACK, FOUND, LIST, Clock, frame

VERSION = frame(b"\xd4\x02")
ANSWER = frame(bytes.fromhex("D50332010607"))


def test_an_acknowledgement_and_an_answer_are_read_apart_over_spi() -> None:
    bus = SpiBus(Pn532(Field()))
    assert bus.transfer(b"\x02\x00") == b"\x00\x00"
    bus.transfer(b"\x01" + VERSION)
    assert bus.transfer(b"\x02\x00\x00") == b"\x00\x01\x01"
    assert bus.transfer(b"\x03" + bytes(6)) == b"\x00" + ACK
    assert bus.transfer(b"\x03" + bytes(30)) == b"\x00" + ANSWER + bytes(30 - len(ANSWER))
    assert bus.transfer(b"\x02\x00") == b"\x00\x00"
    assert bus.transfer(b"\x03" + bytes(6)) == bytes(7)


def test_a_frame_may_be_read_in_parts_over_spi() -> None:
    bus = SpiBus(Pn532(Field()))
    bus.transfer(b"\x01" + VERSION)
    bus.transfer(b"\x03" + bytes(6))
    assert bus.transfer(b"\x03" + bytes(5)) == b"\x00" + ANSWER[:5]
    assert bus.transfer(b"\x02\x00") == b"\x00\x01"
    assert bus.transfer(b"\x03" + bytes(len(ANSWER) - 6)) == ANSWER[5:]
    assert bus.transfer(b"\x02\x00") == b"\x00\x00"


def test_i2c_reads_begin_with_the_status_and_nack_brings_an_answer_back() -> None:
    bus = I2cBus(Pn532(Field()))
    assert bus.read(8) == bytes(8)
    bus.write(VERSION)
    assert bus.read(1) == b"\x01"  # the status alone uses nothing up
    assert bus.read(7) == b"\x01" + ACK
    assert bus.read(6) == b"\x01" + ANSWER[:5]
    assert bus.read(1) == b"\x00"
    bus.write(bytes.fromhex("0000FFFF0000"))
    assert bus.read(20) == b"\x01" + ANSWER + bytes(19 - len(ANSWER))


def test_a_search_becomes_ready_when_the_card_comes() -> None:
    field, clock = Field(), Clock()
    bus = I2cBus(Pn532(field, clock))
    bus.write(LIST)
    assert bus.read(7) == b"\x01" + ACK
    assert bus.read(1) == b"\x00"
    card = blank_card()
    card.leave_field()
    field.place(card)
    assert bus.read(40)[1:].startswith(frame(FOUND))


@pytest.mark.parametrize(("sources", "wakes"), [(b"\x20", True), (b"\x10", False)])
def test_power_down_over_spi(sources: bytes, wakes: bool) -> None:
    bus = SpiBus(Pn532(Field()))
    bus.transfer(b"\x01" + frame(b"\xd4\x16" + sources))
    assert bus.transfer(b"\x03" + bytes(6)) == b"\x00" + ACK
    bus.transfer(b"\x03" + bytes(20))
    bus.transfer(b"\x01" + VERSION)
    assert (bus.transfer(b"\x02\x00") == b"\x00\x01") == wakes


def test_the_interface_is_read_from_its_pins() -> None:
    for bus_kind, pins in ((SpiBus, 2), (I2cBus, 1)):
        chip = Pn532(Field())
        bus_kind(chip)
        assert chip.upkeep.commands[0x0C](b"") == bytes([0x3F, 0x06, pins])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=30), st.just(b"\x01" + VERSION)), max_size=10))
def test_no_transaction_raises_and_as_many_bytes_come_back(words: list[bytes]) -> None:
    spi, i2c = SpiBus(Pn532(Field(), Clock())), I2cBus(Pn532(Field(), Clock()))
    for word in words:
        assert len(spi.transfer(word)) == len(word)
        i2c.write(word)
        assert len(i2c.read(len(word))) == len(word)
