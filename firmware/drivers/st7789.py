"""Sitronix ST7789 colour display, 240 x 240, RGB565 over SPI, written in strips."""

import time

import framebuf

WIDTH = 240

# command, how many bytes go with it, milliseconds to wait after them; the bytes
_SETUP = (
    b"\x11\x00\x05"  # sleep out; the data sheet asks for 5 ms before the next command
    b"\x3a\x01\x00\x55"  # 16 bits a pixel
    b"\x36\x01\x00\x00"  # row order
    b"\x21\x00\x00"  # inversion on: what IPS glass needs
    b"\x13\x00\x00"  # normal mode
    b"\x2a\x04\x00\x00\x00\x00\xef"  # all columns, of whatever rows
    b"\x29\x00\x00"  # display on
)


class St7789:
    """The controller behind an SPI bus with chip select, data/command and reset pins; palette: RGB565, big
    endian, of each colour's number. It says nothing: that it is not there cannot be seen."""

    def __init__(self, spi, cs, dc, rst, palette: bytes) -> None:  # type: ignore[no-untyped-def]
        self._spi, self._cs, self._dc, self._rst = spi, cs, dc, rst
        self._palette = framebuf.FrameBuffer(bytearray(palette), len(palette) // 2, 1, framebuf.RGB565)
        self._pixels = bytearray(2 * WIDTH)
        self._row = framebuf.FrameBuffer(self._pixels, WIDTH, 1, framebuf.RGB565)

    def start(self) -> None:
        """Reset and set it up."""
        self._rst.value(0)
        time.sleep_ms(1)
        self._rst.value(1)
        time.sleep_ms(5)
        at = 0
        while at < len(_SETUP):
            end = at + 3 + _SETUP[at + 1]
            self._send(_SETUP[at], _SETUP[at + 3 : end])
            time.sleep_ms(_SETUP[at + 2])
            at = end

    def _send(self, command: int, data) -> None:  # type: ignore[no-untyped-def]
        self._cs.value(0)
        self._dc.value(0)
        self._spi.write(bytes([command]))
        self._dc.value(1)
        if data:
            self._spi.write(data)
        self._cs.value(1)

    def rows(self, y: int, height: int, strip) -> None:  # type: ignore[no-untyped-def]
        """Write full rows y .. y+height-1; strip: a FrameBuffer of so many, whose pixels are numbers of
        colours."""
        self._send(0x2B, bytes([0, y, 0, y + height - 1]))
        self._send(0x2C, b"")
        self._cs.value(0)
        for row in range(height):  # a whole strip in RGB565 would be 4 KB of heap
            self._row.blit(strip, 0, -row, -1, self._palette)
            self._spi.write(self._pixels)
        self._cs.value(1)
