"""CMAC of both block sizes, against the examples of NIST SP 800-38B, and chained."""

import pytest

from simulator.card import ciphers, crypto

MESSAGE = bytes.fromhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")
AES_KEY = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
THREE_KEYS = bytes.fromhex("8aa83bf8cbda10620bc1bf19fbb6cd58bc313d4a371ca8b5")
TWO_KEYS = bytes.fromhex("4cf15134a2850dd58a3d10ba80570d38")


@pytest.mark.parametrize(
    ("key", "length", "mac"),
    [
        (AES_KEY, 0, "bb1d6929e95937287fa37d129b756746"),
        (AES_KEY, 16, "070a16b46b4d4144f79bdd9dd04a287c"),
        (THREE_KEYS, 0, "b7a688e122ffaf95"),
        (THREE_KEYS, 8, "8e8f293136283797"),
        (THREE_KEYS, 20, "743ddbe0ce2dc2ed"),
        (THREE_KEYS, 32, "33e6b1092400eae5"),
        (TWO_KEYS, 0, "bd2ebf9a3ba00361"),
        (TWO_KEYS, 8, "4ff2ab813c53ce83"),
        (TWO_KEYS, 20, "62dd1b471902bd4e"),
        (TWO_KEYS, 32, "31b1e431dabc4eb8"),
    ],
)
def test_published_cmacs(key: bytes, length: int, mac: str) -> None:
    cipher = ciphers.aes(key) if key == AES_KEY else ciphers.des(key)
    assert cipher.cmac(cipher.zero_iv, MESSAGE[:length]).hex() == mac


@pytest.mark.parametrize("cipher", [ciphers.aes(AES_KEY), ciphers.des(THREE_KEYS), ciphers.des(TWO_KEYS[:8])])
def test_a_chained_cmac_is_that_of_a_message_whose_first_block_made_the_iv(
    cipher: ciphers.BlockCipher,
) -> None:
    first, rest = MESSAGE[: cipher.block_bytes], MESSAGE[cipher.block_bytes :]
    iv = cipher.encrypt(cipher.zero_iv, first)
    assert cipher.cmac(iv, rest) == cipher.cmac(cipher.zero_iv, MESSAGE)


@pytest.mark.parametrize(("data", "crc"), [("0000", "a01e"), ("1234", "26cf")])
def test_published_crc_of_iso_14443(data: str, crc: str) -> None:
    assert crypto.crc16(bytes.fromhex(data)).hex() == crc


def test_a_single_key_is_a_double_one_with_equal_halves() -> None:
    single, double = ciphers.des(TWO_KEYS[:8]), ciphers.des(TWO_KEYS[:8] * 2)
    assert single.encrypt(bytes(8), MESSAGE) == double.encrypt(bytes(8), MESSAGE)
