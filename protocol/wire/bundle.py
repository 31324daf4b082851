"""The provisioning bundle: what a kiosk is given once, over a cable, before its first boot.

CBOR map {1: kiosk name, 2: kiosk number, 3: secret 32, 4: broker host, 5: broker port, 6: first epoch,
          7: Wi-Fi name, 8: Wi-Fi password, and where it differs from what is usual (ROWS):
          9: certificate of the broker's authority, 10: the kiosk's own certificate, 11: its private key (DER
          each), 12: name that must be in the broker's certificate, 13: when the bundle was made, seconds
          since 1970, 14: NTP server}

With 9 to 12 the line to the broker is TLS with certificates on both sides; without any of them it is plain.
"""

from protocol.wire import form
from protocol.wire.envelope import KIOSK_NAME_MAX, is_kiosk_name
from protocol.wire.form import FormError
from protocol.wire.kinds import U16, U32

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from typing import Any

HOST_MAX = 253  # bytes of a DNS name
SSID_MAX, PASSWORD_MAX = 32, 63  # IEEE 802.11, WPA2
DER_MAX = 2048  # ours have 120 to 400 bytes
NTP = "pool.ntp.org"
ROWS = (
    ("name", "text", 1, KIOSK_NAME_MAX, None),
    ("number", "uint", 1, U32, None),
    ("secret", "bytes", 32, 32, None),
    ("host", "text", 1, HOST_MAX, None),
    ("port", "uint", 1, U16, None),
    ("epoch", "uint", 1, U16, None),
    ("ssid", "text", 1, SSID_MAX, None),
    ("password", "text", 0, PASSWORD_MAX, None),
    ("ca", "bytes", None, DER_MAX, b""),
    ("certificate", "bytes", None, DER_MAX, b""),
    ("key", "bytes", None, DER_MAX, b""),
    ("server_name", "text", None, HOST_MAX, ""),
    ("made_s", "uint", 0, U32, 0),
    ("ntp", "text", 0, HOST_MAX, NTP),
)


def encode(
    name: str,
    number: int,
    secret: bytes,
    host: str,
    port: int,
    epoch: int = 1,
    ssid: str = "tapledger",
    password: str = "",
    **more: object,
) -> bytes:
    """The bundle's bytes; an empty password means an open network; more: of what may be left out. FormError
    for a value out of range."""
    _check(name)
    values = {"name": name, "number": number, "secret": secret, "host": host, "port": port}
    values.update({"epoch": epoch, "ssid": ssid, "password": password})
    values.update(more)
    return form.encode("bundle", ROWS, values)


def decode(data: bytes) -> "dict[str, Any]":
    """Bytes -> {field: value}, with each name of ROWS; FormError."""
    values = form.decode("bundle", ROWS, data)
    _check(values["name"])
    return values


def _check(name: object) -> None:
    if not is_kiosk_name(name):
        raise FormError("bundle's name must be 1 to 32 letters, digits, - or _")
