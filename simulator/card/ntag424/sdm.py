"""Secure Dynamic Messaging: a file as it is read without authentication (9.3.3 to 9.3.9)."""

from typing import Final

from simulator.card import crypto
from simulator.card.ntag424.settings import NOT_MIRRORED, Sdm
from simulator.card.ntag424.state import Key

_MAC_LABEL: Final = bytes.fromhex("3CC300010080")
_ENC_LABEL: Final = bytes.fromhex("C33C00010080")
_UID_TAG, _COUNTER_TAG = 0x80, 0x40
PADDING_MAX: Final = 15


def mirrored(content: bytes, sdm: Sdm, uid: bytes, counter: int, keys: list[Key], padding: bytes) -> bytes:
    """The content with everything put in that these settings name. padding: random, PADDING_MAX bytes."""
    shown = bytearray(content)
    binary = counter.to_bytes(3, "little")
    if sdm.uid_at is not None:
        _put(shown, sdm.uid_at, uid)
    if sdm.counter_at is not None and sdm.counter_at != NOT_MIRRORED:
        _put(shown, sdm.counter_at, binary[::-1])
    if sdm.picc_at is not None:
        _put(shown, sdm.picc_at, _picc_data(sdm, uid, binary, keys, padding))
    if sdm.mac_at is None or sdm.input_from is None:
        return bytes(shown)
    key = keys[sdm.file].value
    if sdm.encrypted_at is not None and sdm.encrypted_length is not None:
        session = crypto.cmac(key, _ENC_LABEL + uid + binary)
        iv = crypto.aes_block(session, binary + bytes(13))
        plain = content[sdm.encrypted_at : sdm.encrypted_at + sdm.encrypted_length // 2]
        _put(shown, sdm.encrypted_at, crypto.aes_cbc_encrypt(session, iv, plain))
    vector = _MAC_LABEL + (uid if sdm.uid_mirrored else b"") + (binary if sdm.counter_mirrored else b"")
    session = crypto.cmac(key, crypto.zero_pad(vector))
    mac = crypto.truncate(crypto.cmac(session, bytes(shown[sdm.input_from : sdm.mac_at])))
    _put(shown, sdm.mac_at, mac)
    return bytes(shown)


def _picc_data(sdm: Sdm, uid: bytes, counter: bytes, keys: list[Key], padding: bytes) -> bytes:
    tag, data = 0, b""
    if sdm.uid_mirrored:
        tag, data = _UID_TAG | len(uid), uid
    if sdm.counter_mirrored:
        tag, data = tag | _COUNTER_TAG, data + counter
    plain = (bytes([tag]) + data + padding)[: crypto.BLOCK]
    return crypto.aes_cbc_encrypt(keys[sdm.meta].value, crypto.ZERO_IV, plain)


def _put(shown: bytearray, at: int, value: bytes) -> None:
    text = value.hex().upper().encode()
    shown[at : at + len(text)] = text
