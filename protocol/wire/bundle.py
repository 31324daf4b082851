"""The provisioning bundle: what a kiosk is given once, over a cable, before its first boot.

CBOR map {1: kiosk name, 2: kiosk number, 3: secret 32, 4: broker host, 5: broker port, 6: first epoch,
          7: Wi-Fi name, 8: Wi-Fi password, and where it differs from what stands in OPTIONAL:
          9: certificate of the broker's authority, 10: the kiosk's own certificate, 11: its private key (DER
          each), 12: name that must be in the broker's certificate, 13: when the bundle was made, seconds
          since 1970, 14: NTP server}

With 9 to 12 the line to the broker is TLS with certificates on both sides; without any of them it is plain.
"""

from protocol.wire import cbor
from protocol.wire.envelope import is_kiosk_name
from protocol.wire.kinds import U16, U32, is_bytes, is_int, is_text

TYPE_CHECKING = False  # MicroPython has no typing; checkers read this name as true
if TYPE_CHECKING:
    from typing import Any

HOST_MAX = 253  # bytes of a DNS name
SSID_MAX, PASSWORD_MAX = 32, 63  # IEEE 802.11, WPA2
DER_MAX = 2048  # ours have 120 to 400 bytes
NTP = "pool.ntp.org"
NAMES = ("name", "number", "secret", "host", "port", "epoch", "ssid", "password")
OPTIONAL = (
    ("ca", b""),
    ("certificate", b""),
    ("key", b""),
    ("server_name", ""),
    ("made_s", 0),
    ("ntp", NTP),
)


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
    **more: object,
) -> bytes:
    """The bundle's bytes; an empty password means an open network; more: of OPTIONAL. BundleError for a value
    out of range."""
    values = [name, number, secret, host, port, epoch, ssid, password]
    values += [more.pop(field, usual) for field, usual in OPTIONAL]
    if more:
        raise BundleError("bundle has no field " + sorted(more)[0])
    _check(values)
    usual = [None] * len(NAMES) + [value for _, value in OPTIONAL]
    return cbor.encode({at + 1: value for at, value in enumerate(values) if value != usual[at]})


def decode(data: bytes) -> "dict[str, Any]":
    """Bytes -> {field: value}, with each of NAMES and OPTIONAL; BundleError."""
    try:
        raw = cbor.decode(data)
    except cbor.CborError as error:
        raise BundleError("bundle is damaged: %s" % error)
    first = len(NAMES) + 1
    if not isinstance(raw, dict) or [key for key in range(1, first) if key not in raw]:
        raise BundleError("bundle has other fields than expected")
    values = [raw.pop(key) for key in range(1, first)]
    for at in range(len(OPTIONAL)):
        values.append(raw.pop(first + at, OPTIONAL[at][1]))
    if raw:
        raise BundleError("bundle has other fields than expected")
    _check(values)
    names = list(NAMES) + [field for field, _ in OPTIONAL]
    return {names[at]: values[at] for at in range(len(names))}


def _check(values) -> None:  # type: ignore[no-untyped-def]
    """The same rules on both sides: what encode() writes, decode() takes."""
    name, number, secret, host, port, epoch, ssid, password = values[:8]
    ca, certificate, key, server_name, made_s, ntp = values[8:]
    secure = 1 if ca or certificate or key or server_name else 0  # all of them, or none
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
        (is_bytes(ca, secure, DER_MAX), "authority must have 1 to %d bytes" % DER_MAX),
        (is_bytes(certificate, secure, DER_MAX), "certificate must have 1 to %d bytes" % DER_MAX),
        (is_bytes(key, secure, DER_MAX), "private key must have 1 to %d bytes" % DER_MAX),
        (
            is_text(server_name, secure, HOST_MAX),
            "broker name must be a text of 1 to %d bytes" % HOST_MAX,
        ),
        (is_int(made_s, 0, U32), "time must be 0 to %d" % U32),
        (is_text(ntp, 0, HOST_MAX), "NTP server must be a text of up to %d bytes" % HOST_MAX),
    )
    for good, rule in rules:
        if not good:
            raise BundleError("bundle's " + rule)
