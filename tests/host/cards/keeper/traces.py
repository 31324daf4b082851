"""Looking for keys in what was written: in every form in which one would be printed, encoded or stored."""

import base64
from collections.abc import Mapping


def forms(key: bytes) -> list[bytes]:
    """How a key may show."""
    shown = [
        key,
        key.hex().encode(),
        key.hex().upper().encode(),
        key.hex(" ").encode(),
        key.hex(":").encode(),
    ]
    shown += [repr(key).encode(), str(list(key)).encode(), repr(bytearray(key)).encode()]
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for before in range(3):  # the key may stand anywhere in what was encoded
            text = encode(bytes(before) + key)
            shown.append(text[(before * 8 + 5) // 6 : (before + len(key)) * 8 // 6])
    return shown


def found(places: Mapping[str, bytes], keys: Mapping[str, bytes]) -> list[str]:
    """["NAME in PLACE", ...] of every key that shows somewhere."""
    return [
        f"{name} in {place}"
        for name, key in keys.items()
        for form in forms(key)
        for place, content in places.items()
        if form in content
    ]
