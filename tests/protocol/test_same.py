"""Equality in a time that tells nothing: the platform's and the written one are one relation."""

from hypothesis import given
from hypothesis import strategies as st

from protocol import same


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_it_is_equality(a: bytes, b: bytes) -> None:
    for equal in (same.same, same.same_bytewise):
        assert equal(a, b) == (a == b)
        assert equal(a, bytes(a))
        assert not equal(a, a + b"\x00")
