"""AN10922: the published AES-128 example, and that roles, cards and lives do not share a key."""

import pytest
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given
from hypothesis import strategies as st

from protocol.card import keys

MASTER = bytes.fromhex("00112233445566778899aabbccddeeff")
UID = bytes.fromhex("04782e21801d80")


def test_the_example_of_an10922() -> None:
    m = bytes.fromhex("04782E21801D803042F54E585020416275")
    assert keys.an10922(MASTER, m).hex() == "a8dd63a3b89d54b37ca802473fda9175"


@pytest.mark.parametrize("size", [0, 32, 33])
def test_input_of_no_or_too_many_bytes(size: int) -> None:
    with pytest.raises(ValueError, match="1 to 31 bytes"):
        keys.an10922(MASTER, bytes(size))


@given(st.binary(min_size=31, max_size=31))
def test_31_bytes_fill_both_blocks_and_are_a_plain_cmac(m: bytes) -> None:
    other = CMAC(algorithms.AES(MASTER))
    other.update(b"\x01" + m)
    assert keys.an10922(MASTER, m) == other.finalize()


@given(st.binary(min_size=16, max_size=30))
def test_in_the_second_block_the_padding_is_cmacs_own(m: bytes) -> None:
    other = CMAC(algorithms.AES(MASTER))
    other.update(b"\x01" + m)
    assert keys.an10922(MASTER, m) == other.finalize()


@given(st.binary(min_size=1, max_size=14))
def test_short_input_is_padded_to_two_blocks_unlike_cmac(m: bytes) -> None:
    other = CMAC(algorithms.AES(MASTER))
    other.update(b"\x01" + m)
    assert keys.an10922(MASTER, m) != other.finalize()


def test_no_two_of_master_card_role_and_life_share_a_key() -> None:
    made = [
        keys.card_key(MASTER, UID),
        keys.card_key(MASTER[::-1], UID),
        keys.card_key(MASTER, UID[::-1]),
        keys.tmac_key(MASTER, UID, 1),
        keys.tmac_key(MASTER, UID, 2),
        keys.tmac_key(MASTER, UID, 256),
    ]
    assert len(set(made)) == len(made)
    assert {len(key) for key in made} == {16}


def test_the_diversification_input_is_uid_aid_and_system() -> None:
    assert keys.card_key(MASTER, UID) == keys.an10922(MASTER, UID + b"\x01\x50\x54tapledger")
    assert keys.tmac_key(MASTER, UID, 0x0102) == keys.an10922(MASTER, UID + b"\x01\x50\x54\x02\x01tapledger")


@pytest.mark.parametrize("issue", [-1, 0x10000])
def test_an_issue_number_has_two_bytes(issue: int) -> None:
    with pytest.raises(ValueError, match="range"):
        keys.tmac_key(MASTER, UID, issue)
