"""The provisioning bundle: what a kiosk is given once, over a cable, before its first boot.

CBOR map {1: kiosk name, 2: kiosk number, 3: secret 32, 4: broker host, 5: broker port, 6: first epoch,
          7: Wi-Fi name, 8: Wi-Fi password}
"""

from protocol.wire import cbor
from protocol.wire.envelope import is_kiosk_name
from protocol.wire.messages import U16, U32


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
    """The bundle's bytes; an empty password means an open network."""
    values = (name, number, secret, host, port, epoch, ssid, password)
    return cbor.encode({key + 1: value for key, value in enumerate(values)})


def decode(data: bytes) -> dict:
    """Bytes -> {name, number, secret, host, port, epoch, ssid, password}; BundleError."""
    try:
        raw = cbor.decode(data)
    except cbor.CborError as error:
        raise BundleError("bundle is damaged: %s" % error)
    if not isinstance(raw, dict) or sorted(raw) != [1, 2, 3, 4, 5, 6, 7, 8]:
        raise BundleError("bundle has other fields than expected")
    good = (
        is_kiosk_name(raw[1])
        and isinstance(raw[2], int)
        and 0 < raw[2] <= U32
        and isinstance(raw[3], bytes)
        and len(raw[3]) == 32
        and isinstance(raw[4], str)
        and isinstance(raw[5], int)
        and 0 < raw[5] <= U16
        and isinstance(raw[6], int)
        and 0 < raw[6] <= U16
        and isinstance(raw[7], str)
        and isinstance(raw[8], str)
    )
    if not good:
        raise BundleError("bundle has a field out of range")
    names = ("name", "number", "secret", "host", "port", "epoch", "ssid", "password")
    return {name: raw[key + 1] for key, name in enumerate(names)}
