"""Sitronix ST7789 colour display, 240 x 240, RGB565 over SPI, written in strips."""

import time

WIDTH = HEIGHT = 240

_SETUP = (
    (0x11, b"", 5),  # sleep out; the data sheet asks for 5 ms before the next command
    (0x3A, b"\x55", 0),  # 16 bits a pixel
    (0x36, b"\x00", 0),  # row order
    (0x21, b"", 0),  # inversion on: what IPS glass needs
    (0x13, b"", 0),  # normal mode
    (0x2A, bytes([0, 0, 0, WIDTH - 1]), 0),  # all columns, of whatever rows
    (0x29, b"", 0),  # display on
)


class St7789:
    """The controller behind an SPI bus with chip select, data/command and reset pins. It says nothing: that
    it is not there cannot be seen."""

    def __init__(self, spi, cs, dc, rst) -> None:  # type: ignore[no-untyped-def]
        self._spi, self._cs, self._dc, self._rst = spi, cs, dc, rst

    def start(self) -> None:
        """Reset and set it up."""
        self._rst.value(0)
        time.sleep_ms(1)
        self._rst.value(1)
        time.sleep_ms(5)
        for command, data, wait_ms in _SETUP:
            self._send(command, data)
            if wait_ms:
                time.sleep_ms(wait_ms)

    def _send(self, command: int, data=b"") -> None:  # type: ignore[no-untyped-def]
        self._cs.value(0)
        self._dc.value(0)
        self._spi.write(bytes([command]))
        self._dc.value(1)
        if data:
            self._spi.write(data)
        self._cs.value(1)

    def rows(self, y: int, height: int, pixels) -> None:  # type: ignore[no-untyped-def]
        """Write full rows y .. y+height-1; pixels: big-endian RGB565, 480 bytes a row."""
        self._send(0x2B, bytes([0, y, 0, y + height - 1]))
        self._send(0x2C, pixels)
