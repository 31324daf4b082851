"""Sealed fields come back; the broker sees neither keys nor equality of keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.wire import messages, seal

KEY, IV = bytes(range(16)), bytes(range(16, 32))
SIXTEEN = st.binary(min_size=16, max_size=16)


@given(SIXTEEN, SIXTEEN, st.integers(0, 2**32 - 1))
def test_role_keys_come_back(read_master: bytes, debit_master: bytes, version: int) -> None:
    sealed = seal.close(KEY, IV, seal.role_keys(read_master, debit_master, version))
    assert seal.open_role_keys(seal.open_(KEY, IV, sealed)) == (read_master, debit_master, version)


def test_the_version_is_four_bytes_and_what_follows_is_not_read() -> None:
    assert seal.role_keys(bytes(16), bytes(16), 0x0102_0304)[32:] == bytes([4, 3, 2, 1]) + bytes(12)
    assert seal.open_role_keys(bytes(32) + bytes([4, 3, 2, 1]) + b"\xff" * 12)[2] == 0x0102_0304


def test_role_keys_fill_their_field_of_the_table() -> None:
    sealed = seal.close(KEY, IV, seal.role_keys(bytes(16), bytes(16), 1))
    body = messages.body(
        messages.CONFIG, nonce=bytes(8), version=1, price_fen=1, language="zh", verdict_wait_ms=0,
        offline_total_fen=0, iv=IV, sealed_keys=sealed,
    )  # fmt: skip
    assert messages.fields(messages.CONFIG, body)["sealed_keys"] == sealed


def test_another_iv_gives_other_bytes_and_another_key_does_not_open() -> None:
    plain = seal.role_keys(b"r" * 16, b"d" * 16, 1)
    sealed = seal.close(KEY, IV, plain)
    assert sealed != seal.close(KEY, bytes(16), plain)
    assert b"r" * 16 not in sealed
    assert seal.open_(bytes(16), IV, sealed) != plain


@pytest.mark.parametrize("size", [1, 17, 47])
def test_plain_text_must_be_whole_blocks(size: int) -> None:
    with pytest.raises(ValueError, match="block"):
        seal.close(KEY, IV, bytes(size))
