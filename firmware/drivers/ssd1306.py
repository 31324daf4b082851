"""Solomon Systech SSD1306 mono display, 128 x 64, over I2C, written in pages of 8 rows."""

ADDRESS = 0x3C

# SSD1306 data sheet, 9 and application note; commands after the control byte 00
_SETUP = (
    b"\x00\xae\xd5\x80\xa8\x3f\xd3\x00\x40"  # off; clock; 64 rows; no offset; first row 0
    b"\x8d\x14\x20\x00\xa1\xc8\xda\x12"  # charge pump on; horizontal addressing; upright; pins of 128 x 64
    b"\x81\xcf\xd9\xf1\xdb\x40\xa4\xa6"  # contrast; precharge; VCOMH; show the memory, not inverted
)
_ON = b"\x00\xaf"


class Ssd1306:
    """The controller on an I2C bus. OSError when it does not answer."""

    def __init__(self, i2c) -> None:  # type: ignore[no-untyped-def]
        self._i2c = i2c

    def start(self) -> None:
        """Set it up; again, too, after it lost its power."""
        self._i2c.writeto(ADDRESS, _SETUP)
        blank = bytes(128)
        for y in range(0, 64, 8):  # its memory holds noise after power on
            self.rows(y, 8, blank)
        self._i2c.writeto(ADDRESS, _ON)

    def rows(self, y: int, height: int, strip) -> None:  # type: ignore[no-untyped-def]
        """Write rows y .. y+height-1, both multiples of 8; strip: a FrameBuffer or bytes, pages of 128
        columns, lowest bit on top.
        """
        page = y // 8
        self._i2c.writeto(ADDRESS, bytes((0, 0x21, 0, 127, 0x22, page, page + height // 8 - 1)))
        self._i2c.writevto(ADDRESS, (b"\x40", strip))
