"""What a device says of itself survives its file; anything else is refused by name."""

from typing import Any

import pytest

from protocol.wire import cbor, device
from protocol.wire.form import FormError

PAIRED: dict[str, Any] = {"ssid": "shop", "password": "12345678", "host": "10.0.0.2", "port": 443, "tls": 1}


def test_without_a_file_it_is_the_reference_board() -> None:
    assert device.decode(None) == device.decode(b"\xa0") == {row[0]: row[4] for row in device.ROWS}
    assert device.encode() == b"\xa0"


def test_what_is_written_is_read() -> None:
    for values in ({"board": "s3", "display": "ssd1306", "keypad": 1}, PAIRED, PAIRED | {"board": "s3"}):
        assert device.decode(device.encode(**values)) == device.decode(None) | values


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"board": "uno"}, "board must be wroom32 or s3"),
        ({"display": None}, "display must be st7789 or ssd1306"),
        ({"keypad": 2}, "keypad must be uint, 0 to 1"),
        ({"keypad": True}, "keypad must be uint, 0 to 1"),
        ({"ssid": "shop"}, "host must be text, 1"),
        ({"ssid": "shop", "host": "h"}, "port must be uint, 1 to 65535"),
        ({"host": "h", "port": 80}, "ssid must be"),
        (PAIRED | {"ssid": "x" * 33}, "ssid must be"),
        (PAIRED | {"password": "x" * 64}, "password must be text, 0 to 63"),
        (PAIRED | {"host": "x" * 254}, "host must be"),
        (PAIRED | {"port": 65_536}, "port must be"),
        (PAIRED | {"tls": 2}, "tls must be uint, 0 to 1"),
        ({"colour": 1}, "no field colour$"),
    ],
)
def test_what_is_out_of_range_is_said_on_both_sides(values: dict[str, Any], said: str) -> None:
    with pytest.raises(FormError, match=f"^device('s| has) {said}"):
        device.encode(**values)
    if "colour" not in values:
        names = [row[0] for row in device.ROWS]
        keys = {names.index(name) + 1: value for name, value in values.items() if value is not None}
        if None not in values.values() and True not in [v for v in values.values() if type(v) is bool]:
            with pytest.raises(FormError, match=f"^device's {said}"):
                device.decode(cbor.encode(keys))


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"\x80", b"\xa1\x09\x01", device.encode(**PAIRED)[:-1], b"\xa0\x00"]
)
def test_a_damaged_file_is_said(data: bytes) -> None:
    with pytest.raises(FormError, match=r"^device (is damaged|is no map|has other fields)"):
        device.decode(data)
