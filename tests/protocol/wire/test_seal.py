"""Wrapped keys come back, and only under their key."""

import pytest
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from hypothesis import given
from hypothesis import strategies as st

from protocol.wire import config, messages, seal

KEY, IV = bytes(range(16)), bytes(range(16, 32))
SIXTEEN = st.binary(min_size=16, max_size=16)
U32 = 2**32 - 1


def test_key_wrap_of_rfc_3394_4_1() -> None:
    key = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
    wrapped = bytes.fromhex("1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5")
    assert seal.wrap(KEY, key) == wrapped
    assert seal.unwrap(KEY, wrapped) == key


@given(SIXTEEN, SIXTEEN, st.integers(0, 24 * 8 - 1))
def test_key_wrap_is_the_library_s_and_one_changed_bit_is_noticed(kek: bytes, key: bytes, bit: int) -> None:
    wrapped = seal.wrap(kek, key)
    assert wrapped == aes_key_wrap(kek, key) and seal.unwrap(kek, wrapped) == key
    wrong = (int.from_bytes(wrapped, "big") ^ 1 << bit).to_bytes(24, "big")
    with pytest.raises(ValueError, match="changed"):
        seal.unwrap(kek, wrong)
    with pytest.raises(InvalidUnwrap):
        aes_key_unwrap(kek, wrong)


@pytest.mark.parametrize("size", [0, 16, 23, 25, 32])
def test_a_wrapped_key_has_one_length(size: int) -> None:
    with pytest.raises(ValueError, match="24 bytes"):
        seal.unwrap(KEY, bytes(size))


VERSIONS = st.dictionaries(st.integers(0, U32), SIXTEEN, max_size=config.VERSIONS_MAX)


@given(VERSIONS, VERSIONS.filter(bool))
def test_role_keys_come_back(read: dict[int, bytes], debit: dict[int, bytes]) -> None:
    held = {"read": read, "debit": debit}
    packed = seal.role_keys(
        [(role, version, seal.wrap(KEY, key)) for role in held for version, key in held[role].items()]
    )
    assert seal.open_role_keys(KEY, packed) == held
    body = messages.body(
        messages.CONFIG, nonce=bytes(8), version=1, price_fen=1, language="zh", verdict_wait_ms=0,
        offline_total_fen=0, offline_card_fen=0, offline_card_count=0, offline_max_age_h=96, role_keys=packed,
    )  # fmt: skip
    assert messages.fields(messages.CONFIG, body)["role_keys"] == packed


def test_a_role_of_a_newer_host_is_left_out() -> None:
    one = seal.role_keys([("debit", 7, seal.wrap(KEY, IV))])
    assert seal.open_role_keys(KEY, one + b"\x09" + one[1:]) == {"read": {}, "debit": {7: IV}}


@pytest.mark.parametrize("harm", [b"", b"x", bytes(28), bytes(30)])
def test_role_keys_of_another_length_are_refused(harm: bytes) -> None:
    with pytest.raises(ValueError, match="role keys of"):
        seal.open_role_keys(KEY, harm)


def test_role_keys_of_another_kiosk_are_refused() -> None:
    packed = seal.role_keys([("debit", 7, seal.wrap(KEY, IV))])
    with pytest.raises(ValueError, match="another one"):
        seal.open_role_keys(bytes(16), packed)


@given(SIXTEEN, st.binary(min_size=8, max_size=8), st.from_regex(r"\A[0-9]{4,8}\Z"))
def test_a_pin_comes_back_for_its_own_request_alone(key: bytes, request_: bytes, digits: str) -> None:
    sealed = seal.pin(key, request_, digits.encode())
    assert len(sealed) == 24 and seal.open_pin(key, request_, sealed) == digits
    other = bytes([request_[0] ^ 1]) + request_[1:]
    assert seal.pin(key, other, digits.encode()) != sealed
    with pytest.raises(ValueError, match="another request"):
        seal.open_pin(key, other, sealed)
    with pytest.raises(ValueError, match="changed"):
        seal.open_pin(bytes([key[0] ^ 1]) + key[1:], request_, sealed)


@pytest.mark.parametrize("digits", [b"", b"123", b"12a4", b"1234\0005"])
def test_what_is_no_pin_is_refused(digits: bytes) -> None:
    with pytest.raises(ValueError, match="or none"):
        seal.open_pin(KEY, IV[:8], seal.wrap(KEY, IV[:8] + digits.ljust(8, b"\0")))
