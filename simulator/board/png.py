"""RGB565 pixels as a PNG file (RFC 2083: 8-bit RGB, no filter, one IDAT)."""

import struct
import zlib
from array import array
from functools import lru_cache


@lru_cache(maxsize=4096)
def _rgb(pixel: int) -> bytes:
    red, green, blue = pixel >> 11, pixel >> 5 & 0x3F, pixel & 0x1F
    return bytes((red << 3 | red >> 2, green << 2 | green >> 4, blue << 3 | blue >> 2))


def encode_png(pixels: bytes, width: int, height: int) -> bytes:
    """`pixels`: width * height big-endian RGB565 values, else ValueError."""
    if len(pixels) != width * height * 2:
        raise ValueError(f"{len(pixels)} bytes are no picture of {width} x {height} RGB565 pixels")
    values = array("H", pixels)
    if struct.pack("=H", 1) != struct.pack(">H", 1):
        values.byteswap()
    rows = (
        b"\0" + b"".join(map(_rgb, values[start : start + width]))
        for start in range(0, width * height, width)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 1)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
