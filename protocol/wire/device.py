"""What a device is made of, and how one without a bundle reaches the host: written when it is flashed.

CBOR map {1: board, 2: display, 3: keypad (0 or 1), and for a kiosk that will be paired 4: Wi-Fi name,
5: Wi-Fi password, 6: host's name or address, 7: port, 8: TLS (0 or 1)}. A device without this file
is the usual one (ROWS).
"""

from protocol.wire import form
from protocol.wire.bundle import HOST_MAX, PASSWORD_MAX, SSID_MAX
from protocol.wire.kinds import U16

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from typing import Any

BOARDS = ("wroom32", "s3")  # firmware/hal/pins.py has their pins
DISPLAYS = ("st7789", "ssd1306")
ROWS = (
    ("board", BOARDS, 0, 0, BOARDS[0]),
    ("display", DISPLAYS, 0, 0, DISPLAYS[0]),
    ("keypad", "uint", 0, 1, 0),
    ("ssid", "text", None, SSID_MAX, ""),
    ("password", "text", 0, PASSWORD_MAX, ""),
    ("host", "text", None, HOST_MAX, ""),
    ("port", "uint", None, U16, 0),
    ("tls", "uint", 0, 1, 0),
)


def encode(**values: object) -> bytes:
    """The file's bytes, of the names in ROWS; what is not named is usual. FormError for a value out of
    range."""
    return form.encode("device", ROWS, values)


def decode(data: "bytes | None") -> "dict[str, Any]":
    """Bytes -> {field: value} of all names; None, where there is no file, is the usual device. FormError."""
    return form.decode("device", ROWS, b"\xa0" if data is None else data)
