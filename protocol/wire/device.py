"""What a device is made of, and how one without a bundle reaches the host: written when it is flashed.

CBOR map {1: board, 2: display, 3: keypad (0 or 1), and for a kiosk that will be paired 4: Wi-Fi name,
5: Wi-Fi password, 6: host's name or address, 7: port, 8: TLS (0 or 1)}. A device without this file is USUAL.
"""

from protocol.wire import cbor
from protocol.wire.bundle import HOST_MAX, PASSWORD_MAX, SSID_MAX
from protocol.wire.kinds import U16, is_int, is_text

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from typing import Any

BOARDS = ("wroom32", "s3")  # firmware/hal/pins.py has their pins
DISPLAYS = ("st7789", "ssd1306")
NAMES = ("board", "display", "keypad", "ssid", "password", "host", "port", "tls")
USUAL = (BOARDS[0], DISPLAYS[0], 0, "", "", "", 0, 0)


class DeviceError(ValueError):
    """The description can't be used; the sentence says what is wrong with it."""


def encode(**values: object) -> bytes:
    """The file's bytes, of NAMES; what is not named is USUAL. DeviceError for a value out of range."""
    made = [values.pop(NAMES[at], USUAL[at]) for at in range(len(NAMES))]
    if values:
        raise DeviceError("device has no field " + sorted(values)[0])
    _check(made)
    return cbor.encode({at + 1: made[at] for at in range(len(made)) if made[at] != USUAL[at]})


def decode(data: "bytes | None") -> "dict[str, Any]":
    """Bytes -> {field: value} of NAMES; None, where there is no file, is USUAL. DeviceError."""
    try:
        raw = {} if data is None else cbor.decode(data)
    except cbor.CborError as error:
        raise DeviceError("device file is damaged: %s" % error)
    if not isinstance(raw, dict):
        raise DeviceError("device file is no map")
    made = [raw.pop(at + 1, USUAL[at]) for at in range(len(NAMES))]
    if raw:
        raise DeviceError("device file has other fields than expected")
    _check(made)
    return {NAMES[at]: made[at] for at in range(len(NAMES))}


def _check(values) -> None:  # type: ignore[no-untyped-def]
    """The same rules on both sides: what encode() writes, decode() takes."""
    board, display, keypad, ssid, password, host, port, tls = values
    paired = 1 if ssid or host or port else 0  # a network and where to ask, or none of it
    rules = (
        (board in BOARDS, "board must be " + " or ".join(BOARDS)),
        (display in DISPLAYS, "display must be " + " or ".join(DISPLAYS)),
        (is_int(keypad, 0, 1), "keypad must be 0 or 1"),
        (is_text(ssid, paired, SSID_MAX), "Wi-Fi name must be a text of 1 to %d bytes" % SSID_MAX),
        (is_text(password, 0, PASSWORD_MAX), "Wi-Fi password may have %d bytes" % PASSWORD_MAX),
        (is_text(host, paired, HOST_MAX), "host must be a text of 1 to %d bytes" % HOST_MAX),
        (is_int(port, paired, U16), "port must be 1 to %d" % U16),
        (is_int(tls, 0, 1), "tls must be 0 or 1"),
    )
    for good, rule in rules:
        if not good:
            raise DeviceError("device's " + rule)
