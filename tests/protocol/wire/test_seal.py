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
    with pytest.raises(ValueError, match=r"^a wrapped key has 24 bytes$"):
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


def test_role_keys_travel_as_role_version_and_wrapped_key() -> None:
    wrapped = [aes_key_wrap(KEY, IV), aes_key_wrap(KEY, KEY)]
    packed = b"\x01\x04\x03\x02\x01" + wrapped[0] + b"\x02\xff\xff\xff\xff" + wrapped[1]
    assert seal.role_keys([("read", 0x01020304, wrapped[0]), ("debit", U32, wrapped[1])]) == packed
    assert seal.open_role_keys(KEY, packed) == {"read": {0x01020304: IV}, "debit": {U32: KEY}}


@pytest.mark.parametrize("size", [0, 1, 28, 30, 57, 59])
def test_role_keys_of_another_length_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"^role keys of {size} bytes$"):
        seal.open_role_keys(KEY, bytes(size))


def test_role_keys_of_another_kiosk_are_refused() -> None:
    packed = seal.role_keys([("debit", 7, seal.wrap(KEY, IV))])
    with pytest.raises(ValueError, match=r"^the key was wrapped by another one, or was changed$"):
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


def opened_pin(digits: bytes) -> str:
    """What the host reads when a kiosk sealed these bytes as its PIN."""
    return seal.open_pin(KEY, IV[:8], aes_key_wrap(KEY, IV[:8] + digits.ljust(8, b"\0")))


@pytest.mark.parametrize("digits", ["0000", "1234", "9" * 7, "12345678"])
def test_a_pin_has_4_to_8_digits(digits: str) -> None:
    assert opened_pin(digits.encode()) == digits


@pytest.mark.parametrize("digits", [b"", b"123", b"12a4", b"1234\0005", b"\0001234"])
def test_what_is_no_pin_is_refused(digits: bytes) -> None:
    with pytest.raises(ValueError, match=r"^a PIN of another request, or none$"):
        opened_pin(digits)


@pytest.mark.parametrize("at", range(8))
def test_a_pin_is_of_digits_at_every_place(at: int) -> None:
    for byte in set(range(256)) - set(b"0123456789") - ({0} if at == 7 else set()):
        with pytest.raises(ValueError, match="or none"):
            opened_pin(b"12345678"[:at] + bytes([byte]) + b"12345678"[at + 1 :])
