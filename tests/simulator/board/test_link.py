"""Messages of the link: any cut of the stream gives the same messages; nonsense is refused."""

import struct

import pytest

from simulator.board import link

STREAM = (
    b"B\x04\0\0\0" + struct.pack("<I", 20896)
    + b"P\x02\0\0\0\x05\x01"
    + b"S\x03\0\0\0abc"
    + b"S\x00\0\0\0"
    + b"W\x07\0\0\0" + struct.pack("<BIH", 25, 2000, 30000)
)  # fmt: skip
MESSAGES = [
    link.Message("B", numbers=(20896,)),
    link.Message("P", numbers=(5, 1)),
    link.Message("S", data=b"abc"),
    link.Message("S"),
    link.Message("W", numbers=(25, 2000, 30000)),
]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_any_cut_gives_the_same_messages(size: int) -> None:
    decoder = link.Decoder()
    messages = []
    for at in range(0, len(STREAM), size):
        messages += decoder.feed(STREAM[at : at + size])
    assert messages == MESSAGES


@pytest.mark.parametrize(
    "data", [b"?\0\0\0\0", b"P\x03\0\0\0abc", b"S\xff\xff\xff\xff", b"R\x01\0\0\0x", b"\0\0\0\0\0"]
)
def test_nonsense_is_refused(data: bytes) -> None:
    with pytest.raises(link.LinkError):
        link.Decoder().feed(data)


def test_commands_have_the_length_the_chip_reads() -> None:
    commands = (
        link.cut_command(17, 0xFFFFFFFF),
        link.access_point_command(True),
        link.clock_command(-86400),
    )
    assert [len(command) for command in commands] == [12, 12, 12]
    assert struct.unpack("<B3xIi", commands[2]) == (ord("T"), 0, -86400)
