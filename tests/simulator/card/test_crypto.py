import pytest

from simulator.card import crypto
from tests.simulator.card.vectors import vectors


@pytest.mark.parametrize(("given", "expected"), vectors("ev2-session-keys") + vectors("ev2-auth"))
def test_session_keys_match_published_vectors(given: dict[str, bytes], expected: dict[str, bytes]) -> None:
    keys = crypto.session_keys(given["key"], given["rnd_a"], given["rnd_b"])
    assert keys == (expected["enc_key"], expected["mac_key"])


@pytest.mark.parametrize(("given", "expected"), vectors("tmac-session-keys"))
def test_transaction_mac_keys_match_published_vectors(
    given: dict[str, bytes | int], expected: dict[str, bytes]
) -> None:
    key, uid, before = given["key"], given["uid"], given["tmc_before"]
    assert isinstance(key, bytes) and isinstance(uid, bytes) and isinstance(before, int)
    assert crypto.tmac_session_keys(key, uid, before) == (expected["mac_key"], expected["enc_key"])


@pytest.mark.parametrize(
    ("message", "mac"),
    [
        ("", "bb1d6929e95937287fa37d129b756746"),
        ("6bc1bee22e409f96e93d7e117393172a", "070a16b46b4d4144f79bdd9dd04a287c"),
        (
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411",
            "dfa66747de9ae63030ca32611497c827",
        ),
    ],
)
def test_cmac_matches_rfc_4493(message: str, mac: str) -> None:
    key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    assert crypto.cmac(key, bytes.fromhex(message)).hex() == mac


def test_truncated_mac_is_the_odd_bytes() -> None:
    assert crypto.truncate(bytes(range(16))) == bytes([1, 3, 5, 7, 9, 11, 13, 15])


def test_jamcrc_check_value() -> None:
    # The catalogue's check value of CRC-32/JAMCRC is 340BC6D9, here LSB first.
    assert crypto.jamcrc(b"123456789") == bytes.fromhex("D9C60B34")


@pytest.mark.parametrize("size", range(33))
def test_padding_comes_off_again(size: int) -> None:
    padded = crypto.pad(b"\x80" * size)
    assert len(padded) % 16 == 0 and len(padded) > size
    assert crypto.unpad(padded) == b"\x80" * size


@pytest.mark.parametrize("data", [b"", bytes(16), b"\x01" * 16, b"\x80" + bytes(16)])
def test_missing_padding_is_seen(data: bytes) -> None:
    assert crypto.unpad(data) is None


def test_zero_padding_leaves_whole_blocks_alone() -> None:
    assert crypto.zero_pad(b"ab") == b"ab" + bytes(14)
    assert crypto.zero_pad(bytes(16)) == bytes(16) and crypto.zero_pad(b"") == b""
