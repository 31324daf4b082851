"""SUN messages of an NTAG 424 DNA: the example of AN12196, and everything that is not genuine."""

import pytest

from protocol import aes
from protocol.card import sun

ZERO = bytes(16)
UID = bytes.fromhex("04DE5F1EACC040")
PICC_DATA = bytes.fromhex("EF963FF7828658A599F3041510671E88")
MAC = bytes.fromhex("94EED9EE65337086")


def test_the_example_of_an12196() -> None:
    assert sun.open_picc_data(ZERO, PICC_DATA) == (UID, 61)
    assert sun.genuine(ZERO, UID, 61, MAC)


@pytest.mark.parametrize(
    ("key", "uid", "counter", "mac"),
    [
        (b"\x01" + ZERO[1:], UID, 61, MAC),
        (ZERO, UID[::-1], 61, MAC),
        (ZERO, UID, 60, MAC),
        (ZERO, UID, 62, MAC),
        (ZERO, UID, 61, bytes(8)),
        (ZERO, UID, 61, MAC[:-1]),
        (ZERO, UID, 61, b""),
        (ZERO, UID, 61, MAC + b"\x00"),
    ],
)
def test_not_genuine(key: bytes, uid: bytes, counter: int, mac: bytes) -> None:
    assert not sun.genuine(key, uid, counter, mac)


@pytest.mark.parametrize("size", [0, 15, 17, 32])
def test_picc_data_has_one_block(size: int) -> None:
    assert sun.open_picc_data(ZERO, bytes(size)) is None


def test_picc_data_of_another_key_or_form() -> None:
    assert sun.open_picc_data(b"\x01" + ZERO[1:], PICC_DATA) is None
    other_form = aes.encrypt_cbc(ZERO, ZERO, b"\x87" + UID + bytes(8))
    assert sun.open_picc_data(ZERO, other_form) is None


@pytest.mark.parametrize("counter", [0, 1, 0xFFFF, 0xFF_FFFF])
def test_the_counter_is_three_bytes_least_significant_first(counter: int) -> None:
    sealed = aes.encrypt_cbc(ZERO, ZERO, b"\xc7" + UID + counter.to_bytes(3, "little") + bytes(5))
    assert sun.open_picc_data(ZERO, sealed) == (UID, counter)
    assert sun.genuine(ZERO, UID, counter, sun.mac(ZERO, UID, counter))
