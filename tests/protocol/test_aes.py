"""AES, CBC and CMAC against the published vectors."""

import pytest
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given
from hypothesis import strategies as st

from protocol import aes

KEY = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
# The message of SP 800-38A/B and RFC 4493.
MESSAGE = bytes.fromhex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)


def test_one_block_as_in_fips_197() -> None:
    key = bytes.fromhex("000102030405060708090a0b0c0d0e0f")
    plain = bytes.fromhex("00112233445566778899aabbccddeeff")
    assert aes.encrypt_block(key, plain).hex() == "69c4e0d86a7b0430d8cdb78070b4c55a"


def test_cbc_as_in_sp_800_38a() -> None:
    iv = bytes(range(16))
    sealed = aes.encrypt_cbc(KEY, iv, MESSAGE)
    assert sealed.hex() == (
        "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
        "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7"
    )
    assert aes.decrypt_cbc(KEY, iv, sealed) == MESSAGE


def test_cbc_of_nothing_is_nothing() -> None:
    assert aes.encrypt_cbc(KEY, bytes(16), b"") == aes.decrypt_cbc(KEY, bytes(16), b"") == b""


@pytest.mark.parametrize("size", [1, 15, 17])
def test_cbc_takes_whole_blocks_only(size: int) -> None:
    with pytest.raises(ValueError, match="block"):
        aes.encrypt_cbc(KEY, bytes(16), bytes(size))


@pytest.mark.parametrize(
    ("size", "tag"),
    [
        (0, "bb1d6929e95937287fa37d129b756746"),
        (16, "070a16b46b4d4144f79bdd9dd04a287c"),
        (20, "7d85449ea6ea19c823a7bf78837dfade"),  # SP 800-38B
        (40, "dfa66747de9ae63030ca32611497c827"),  # RFC 4493
        (64, "51f0bebf7e3b9d92fc49741779363cfe"),
    ],
)
def test_cmac_as_in_rfc_4493_and_sp_800_38b(size: int, tag: str) -> None:
    assert aes.cmac(KEY, MESSAGE[:size]).hex() == aes.cmac_by_blocks(KEY, MESSAGE[:size]).hex() == tag
    assert aes.cmac8(KEY, MESSAGE[:size]).hex() == "".join(tag[i : i + 2] for i in range(2, 32, 4))


def test_subkeys_as_in_rfc_4493() -> None:
    first = aes.double(aes.encrypt_block(KEY, bytes(16)))
    assert first.hex() == "fbeed618357133667c85e08f7236a8de"
    assert aes.double(first).hex() == "f7ddac306ae266ccf90bc11ee46d513b"


@given(st.binary(min_size=16, max_size=16), st.binary(max_size=70))
def test_cmac_agrees_with_another_implementation(key: bytes, data: bytes) -> None:
    other = CMAC(algorithms.AES(key))
    other.update(data)
    assert aes.cmac_by_blocks(key, data) == aes.cmac(key, data) == other.finalize()


@given(st.binary(max_size=40))
def test_padding_fills_to_whole_blocks_and_is_never_absent(data: bytes) -> None:
    padded = aes.pad80(data)
    assert len(padded) % 16 == 0 and len(data) < len(padded) <= len(data) + 16
    assert padded.rstrip(b"\x00") == data + b"\x80"


def test_xor() -> None:
    assert aes.xor(b"\x0f\xf0", b"\xff\xff") == b"\xf0\x0f"
