"""The provisioning bundle: what a kiosk is given once, over a cable, before its first boot.

CBOR map {1: kiosk name, 2: kiosk number, 3: secret 32, 4: broker host, 5: broker port, 6: first epoch,
          7: Wi-Fi name, 8: Wi-Fi password}
"""

from protocol.wire import cbor
from protocol.wire.envelope import is_kiosk_name
from protocol.wire.kinds import U16, U32, is_bytes, is_int, is_text

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from typing import Any

HOST_MAX = 253  # bytes of a DNS name
SSID_MAX, PASSWORD_MAX = 32, 63  # IEEE 802.11, WPA2


class BundleError(ValueError):
    """The bundle can't be used; the sentence says what is wrong with it."""


def encode(
    name: str,
    number: int,
    secret: bytes,
    host: str,
    port: int,
    epoch: int = 1,
    ssid: str = "tapledger",
    password: str = "",
) -> bytes:
    """The bundle's bytes; an empty password means an open network. BundleError for a value out of range."""
    values = (name, number, secret, host, port, epoch, ssid, password)
    _check(values)
    return cbor.encode({key + 1: value for key, value in enumerate(values)})


def decode(data: bytes) -> "dict[str, Any]":
    """Bytes -> {name, number, secret, host, port, epoch, ssid, password}; BundleError."""
    try:
        raw = cbor.decode(data)
    except cbor.CborError as error:
        raise BundleError("bundle is damaged: %s" % error)
    if not isinstance(raw, dict) or sorted(raw) != [1, 2, 3, 4, 5, 6, 7, 8]:
        raise BundleError("bundle has other fields than expected")
    values = [raw[key] for key in range(1, 9)]
    _check(values)
    names = ("name", "number", "secret", "host", "port", "epoch", "ssid", "password")
    return {name: values[at] for at, name in enumerate(names)}


def _check(values) -> None:  # type: ignore[no-untyped-def]
    """The same rules on both sides: what encode() writes, decode() takes."""
    name, number, secret, host, port, epoch, ssid, password = values
    rules = (
        (is_kiosk_name(name), "name must be 1 to 32 letters, digits, - or _"),
        (is_int(number, 1, U32), "number must be 1 to %d" % U32),
        (is_bytes(secret, 32, 32), "secret must have 32 bytes"),
        (is_text(host, 1, HOST_MAX), "broker host must be a text of 1 to %d bytes" % HOST_MAX),
        (is_int(port, 1, U16), "broker port must be 1 to %d" % U16),
        (is_int(epoch, 1, U16), "epoch must be 1 to %d" % U16),
        (is_text(ssid, 1, SSID_MAX), "Wi-Fi name must be a text of 1 to %d bytes" % SSID_MAX),
        (
            is_text(password, 0, PASSWORD_MAX),
            "Wi-Fi password must be a text of up to %d bytes" % PASSWORD_MAX,
        ),
    )
    for good, rule in rules:
        if not good:
            raise BundleError("bundle's " + rule)
