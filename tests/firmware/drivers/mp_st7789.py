"""The colour display: reset and set up by start(), as often as wanted; rows go to their place."""

MICROPYTHON_ONLY = True

import framebuf

from drivers.st7789 import St7789

SETUP = [0x11, 0x3A, 0x36, 0x21, 0x13, 0x2A, 0x29]


class Bus:
    """SPI and pins in one: notes [command, data] pairs, and the levels of the reset pin."""

    def __init__(self):
        self.sent, self.levels, self.is_data = [], [], False

    def write(self, data):
        if self.is_data:
            self.sent[-1][1] += bytes(data)
        else:
            self.sent.append([data[0], b""])

    def pin(self, note):
        class Pin:
            value = staticmethod(note)

        return Pin

    def choose(self, level):
        self.is_data = bool(level)


def made():
    bus = Bus()
    pins = bus.pin(lambda level: None), bus.pin(bus.choose), bus.pin(bus.levels.append)
    display = St7789(bus, *pins, b"\x08\x41\xff\xff\xa0\xfe")
    return bus, display


def test_nothing_is_sent_before_the_start_and_each_start_is_whole():
    bus, display = made()
    assert bus.sent == [] and bus.levels == []
    data = [b"", b"\x55", b"\x00", b"", b"", b"\x00\x00\x00\xef", b""]
    for times in (1, 2):
        display.start()
        assert bus.sent == [list(pair) for pair in zip(SETUP, data)] * times, bus.sent
        assert bus.levels == [0, 1] * times


def test_rows_are_addressed_and_then_sent_in_the_colours_of_their_numbers():
    bus, display = made()
    strip = framebuf.FrameBuffer(bytearray(960), 240, 8, framebuf.GS4_HMSB)
    strip.pixel(0, 0, 1)
    strip.pixel(239, 7, 2)
    display.rows(232, 8, strip)
    (window, rows), (command, pixels) = bus.sent
    assert (window, rows, command) == (0x2B, bytes([0, 232, 0, 239]), 0x2C)
    assert pixels == b"\xff\xff" + b"\x08\x41" * 1918 + b"\xa0\xfe"
