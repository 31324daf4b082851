"""HMAC-SHA256 against RFC 4231 and against the standard library."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.wire.mac import hmac_by_hash, hmac_sha256, kiosk_keys

# RFC 4231, test cases 1, 2, 3, 4, 6 and 7 (5 is about truncation); keys of 131 bytes are hashed first.
RFC_4231 = [
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    (bytes(range(1, 26)), b"\xcd" * 50, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (
        b"\xaa" * 131,
        b"This is a test using a larger than block-size key and a larger than block-size data. "
        b"The key needs to be hashed before being used by the HMAC algorithm.",
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
]


@pytest.mark.parametrize(("key", "data", "tag"), RFC_4231)
def test_published_vectors(key: bytes, data: bytes, tag: str) -> None:
    assert hmac_sha256(key, data).hex() == hmac_by_hash(key, data).hex() == tag


@given(st.binary(max_size=140), st.binary(max_size=200))
def test_agrees_with_the_standard_library(key: bytes, data: bytes) -> None:
    expected = hmac.new(key, data, hashlib.sha256).digest()
    assert hmac_by_hash(key, data) == hmac_sha256(key, data) == expected


@pytest.mark.parametrize("size", [63, 64, 65])
def test_key_around_one_block(size: int) -> None:
    key = bytes(range(size))
    assert hmac_by_hash(key, b"x") == hmac.new(key, b"x", hashlib.sha256).digest()


def test_a_kiosk_has_three_keys_that_differ() -> None:
    up, down, seal = kiosk_keys(bytes(range(32)))
    assert [len(up), len(down), len(seal)] == [32, 32, 16]
    assert len({up[:16], down[:16], seal}) == 3
    assert kiosk_keys(bytes(32)) != (up, down, seal)


def test_the_keys_of_a_secret_stay_what_they_are() -> None:
    """Kiosks in the field hold secrets, not keys: another label would cut them off."""
    secret = bytes(range(32))
    labels = (b"tapledger up", b"tapledger down", b"tapledger seal")
    up, down, seal = [hmac.new(secret, label, hashlib.sha256).digest() for label in labels]
    assert kiosk_keys(secret) == (up, down, seal[:16])
