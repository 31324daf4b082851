import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.reader.hsu import ACK, ERROR, NACK, Parser, build


def test_frames_of_the_user_manual() -> None:
    assert build(b"\xd4\x02").hex() == "0000ff02fed4022a00"
    assert build(b"\x7f") == ERROR
    assert list(Parser().feed(bytes.fromhex("0000ff02fed4022a00"))) == [b"\xd4\x02"]


@given(st.binary(min_size=1, max_size=265))
def test_every_body_comes_through(body: bytes) -> None:
    assert list(Parser().feed(build(body))) == [body]


def test_long_bodies_are_extended_frames() -> None:
    assert build(bytes(255))[3:5] == b"\xff\x01"
    assert build(bytes(256))[3:8] == b"\xff\xff\x01\x00\xff"


@pytest.mark.parametrize("size", [0, 266])
def test_bodies_that_fit_no_frame(size: int) -> None:
    with pytest.raises(ValueError, match="1 to 265"):
        build(bytes(size))


@given(st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=4), st.integers(1, 40))
def test_pieces_do_not_matter(bodies: list[bytes], piece: int) -> None:
    sent = [body[:265] for body in bodies]
    stream = b"".join(build(body) for body in sent)
    parser, got = Parser(), []
    for at in range(0, len(stream), piece):
        got += list(parser.feed(stream[at : at + piece]))
    assert got == sent


def test_acknowledgements_are_told_from_frames() -> None:
    assert list(Parser().feed(ACK + NACK + build(b"\xd4\x02") + ACK)) == [ACK, NACK, b"\xd4\x02", ACK]


@pytest.mark.parametrize(
    "broken",
    [
        "0000ff02fdd4022a00",  # LCS
        "0000ff02fed4022b00",  # DCS
        "0000ff02fed403",  # torn
        "0000ffffff0000ff",  # extended, LCS
        "0000ffffff000000",  # extended, empty
        "0000ffffff1000f0",  # extended, too long
        "0000",
        "00",
        "ff",
        "55555500",
    ],
)
def test_a_good_frame_after_a_broken_one_is_found(broken: str) -> None:
    parser = Parser()
    got = list(parser.feed(bytes.fromhex(broken)))
    # A torn frame keeps the parser waiting for its missing bytes, so the host has to repeat itself once.
    got += list(parser.feed(build(b"\xd4\x02"))) + list(parser.feed(build(b"\xd4\x02")))
    assert b"\xd4\x02" in got and set(got) == {b"\xd4\x02"}


@given(st.binary(max_size=600))
def test_no_bytes_raise_or_pile_up(data: bytes) -> None:
    parser = Parser()
    for item in parser.feed(data):
        assert item in (ACK, NACK) or 1 <= len(item) <= 265
    assert len(parser._buffer) <= 7 + 265
