"""One value has one encoding, and nothing but CborError comes out of decode()."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.wire import cbor
from protocol.wire.cbor import CborError

# RFC 8949 appendix A, the examples that lie in the subset.
RFC_8949 = [
    (0, "00"), (1, "01"), (10, "0a"), (23, "17"), (24, "1818"), (25, "1819"), (100, "1864"),
    (1000, "1903e8"), (1_000_000, "1a000f4240"), (1_000_000_000_000, "1b000000e8d4a51000"),
    (18446744073709551615, "1bffffffffffffffff"), (-18446744073709551616, "3bffffffffffffffff"),
    (-1, "20"), (-10, "29"), (-100, "3863"), (-1000, "3903e7"),
    (b"", "40"), (bytes.fromhex("01020304"), "4401020304"),
    ("", "60"), ("a", "6161"), ("IETF", "6449455446"), ('"\\', "62225c"), ("ü", "62c3bc"), ("水", "63e6b0b4"),
    ("𐅑", "64f0908591"),
    ([], "80"), ([1, 2, 3], "83010203"), ([1, [2, 3], [4, 5]], "8301820203820405"),
    (list(range(1, 26)), "98190102030405060708090a0b0c0d0e0f101112131415161718181819"),
    ({}, "a0"), ({1: 2, 3: 4}, "a201020304"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "encoded"), RFC_8949)
def test_examples_of_the_rfc(value: object, encoded: str) -> None:
    assert cbor.encode(value).hex() == encoded
    assert cbor.decode(bytes.fromhex(encoded)) == value


def test_a_head_is_as_short_as_can_be_on_both_sides_of_each_border() -> None:
    for info, size, low, high in (
        (24, 1, 24, 2**8),
        (25, 2, 2**8, 2**16),
        (26, 4, 2**16, 2**32),
        (27, 8, 2**32, 2**64),
    ):
        for n in (low, low + 1, high - 2, high - 1):
            tail = n.to_bytes(size, "big")
            assert [cbor.head(major, n) for major in range(6)] == [
                bytes([major << 5 | info]) + tail for major in range(6)
            ]
    assert [cbor.head(5, n) for n in (0, 23)] == [b"\xa0", b"\xb7"]


@pytest.mark.parametrize(
    ("encoded", "reason"),
    [
        ("", "cut short"),
        ("18", "cut short"),
        ("1900", "cut short"),
        ("1b00000000000000", "cut short"),
        ("440102", "cut short"),
        ("6261", "cut short"),
        ("8301", "cut short"),
        ("a101", "cut short"),
        ("a2010203", "cut short"),
        ("a2616100", "cut short"),  # before any of it is read: of two pairs, four items, it holds two
        ("9affffffff", "cut short"),  # four thousand million items announced: no memory taken for them
        ("bbffffffffffffffff", "cut short"),
        ("5bffffffffffffffff", "cut short"),
        ("1800", "head longer than needed"),
        ("1817", "head longer than needed"),
        ("1900ff", "head longer than needed"),
        ("1a0000ffff", "head longer than needed"),
        ("1b00000000ffffffff", "head longer than needed"),
        ("580100", "head longer than needed"),
        ("7800", "head longer than needed"),
        ("9800", "head longer than needed"),
        ("b800", "head longer than needed"),
        ("1c", "indefinite length or reserved head"),
        ("1f", "indefinite length or reserved head"),
        ("5f4100ff", "indefinite length or reserved head"),
        ("9fff", "indefinite length or reserved head"),
        ("bfff", "indefinite length or reserved head"),
        ("c000", "tags, floats and simple values are not in the subset"),
        ("f4", "tags, floats and simple values are not in the subset"),
        ("f6", "tags, floats and simple values are not in the subset"),
        ("f90000", "head longer than needed"),
        ("f97e00", "tags, floats and simple values are not in the subset"),
        ("fb3ff199999999999a", "tags, floats and simple values are not in the subset"),
        ("0000", "bytes after the value"),
        ("61ff", "text is not UTF-8"),
        ("63eda080", "text is not UTF-8"),  # half of a surrogate pair
        ("62c080", "text is not UTF-8"),  # overlong zero
        ("a201010102", "map keys must be integers in rising order"),  # a key twice
        ("a202000100", "map keys must be integers in rising order"),
        ("a1616100", "map keys must be integers in rising order"),
        ("a12000", "map keys must be integers in rising order"),
        ("a1800000", "map keys must be integers in rising order"),
        ("81818181818180", "nested too deep"),
        ("a101a101a101a101a101a101a0", "nested too deep"),
    ],
)
def test_malformed_is_refused_with_its_reason(encoded: str, reason: str) -> None:
    with pytest.raises(CborError) as caught:
        cbor.decode(bytes.fromhex(encoded))
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (True, "bool is not in the subset: use 0 or 1"),
        ([False], "bool is not in the subset: use 0 or 1"),
        (None, "no encoding for this type"),
        (1.5, "no encoding for this type"),
        ({"a": 1}, "map keys are integers from 0"),
        ({1: 1, "a": 1}, "map keys are integers from 0"),
        ({-1: 1}, "map keys are integers from 0"),
        ({True: 1}, "map keys are integers from 0"),
        (1 << 64, "integer above 64 bits"),
        (-(1 << 64) - 1, "integer above 64 bits"),
        ([[[[[[1]]]]]], "nested too deep"),
        ({1: {1: {1: {1: {1: {1: 1}}}}}}, "nested too deep"),
        ("\ud800", "text has half of a surrogate pair"),
    ],
)
def test_a_value_outside_the_subset_is_not_encoded(value: object, reason: str) -> None:
    with pytest.raises(CborError) as caught:
        cbor.encode(value)
    assert str(caught.value) == reason


def test_a_list_in_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(CborError, match="nested too deep"):
        cbor.encode(loop)


def test_depth_five_passes_both_ways() -> None:
    for value in ([[[[[1]]]]], {0: {0: {0: {0: {0: 1}}}}}):
        assert cbor.decode(cbor.encode(value)) == value


def test_order_of_insertion_does_not_show() -> None:
    assert (
        cbor.encode({3: 1, 1: 2, 200: 3})
        == cbor.encode({200: 3, 1: 2, 3: 1})
        == bytes.fromhex("a301020301 18c803")
    )


def test_tuple_and_bytearray_are_written_as_list_and_bytes() -> None:
    assert cbor.encode((1, bytearray(b"a"))) == cbor.encode([1, b"a"])


LEAVES = st.integers(-(2**64), 2**64 - 1) | st.binary(max_size=40) | st.text(max_size=40)


def _nested(children: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.lists(children, max_size=4) | st.dictionaries(st.integers(0, 2**64 - 1), children, max_size=4)


VALUES = LEAVES | _nested(LEAVES | _nested(LEAVES | _nested(LEAVES)))


@given(VALUES)
def test_round_trip(value: object) -> None:
    assert cbor.decode(cbor.encode(value)) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_that_encodes_to_them_or_an_error(data: bytes) -> None:
    try:
        value = cbor.decode(data)
    except CborError:
        return
    assert cbor.encode(value) == data


@given(VALUES, st.integers(0, 2**32), st.integers(1, 255))
def test_one_changed_byte_never_escapes_as_another_error(value: object, at: int, flip: int) -> None:
    data = bytearray(cbor.encode(value))
    data[at % len(data)] ^= flip
    try:
        changed = cbor.decode(bytes(data))
    except CborError:
        return
    assert cbor.encode(changed) == bytes(data)


def test_every_shorter_prefix_of_a_message_is_refused() -> None:
    rng = Random(11)
    data = cbor.encode([1, 0, "K1", 7, 99, 2, {1: rng.randbytes(7), 4: -5, 5: [[1, 2], [4, 9]]}])
    for size in range(len(data)):
        with pytest.raises(CborError):
            cbor.decode(data[:size])
