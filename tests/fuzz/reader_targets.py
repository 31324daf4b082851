"""Fuzz targets of the reader: the serial line on both sides, the chip, ISO-DEP on both sides.

Where a target needs several frames, each is a length byte and that many bytes, the last as far as it goes.
An input may ask for right lengths and checksums around its content, which no fuzzer finds.
"""

import itertools
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from simulator.card.iso14443 import ATS, FRAME_SIZES, IsoDep
from simulator.reader import Field, Pn532, hsu
from simulator.reader.isodep import BadBlock, CardLost, Initiator
from tests.simulator.card.terminal import out_of_field

FIRMWARE = str(Path(__file__).resolve().parents[2] / "firmware")
if FIRMWARE not in sys.path:
    sys.path.append(FIRMWARE)
from drivers import pn532  # noqa: E402 - the kiosk's, as it imports it

WAKE = b"\x55" + bytes(14)
VERSION = hsu.build(b"\xd4\x02")
VERSION_ANSWER = hsu.ACK + hsu.build(bytes.fromhex("D50332010607"))
RATS = b"\xe0\x50"
FRAMED = b"\xfe"
TRANSCEIVES_MAX = 100_000  # of a reader with the most stubborn card


def pieces(data: bytes) -> Iterator[bytes]:
    """The frames in an input."""
    while data:
        size = data[0]
        yield data[1 : 1 + size]
        data = data[1 + size :]


def framed(data: bytes) -> bytes:
    """The frames in an input, with right lengths and checksums."""
    return b"".join(hsu.build(piece) for piece in pieces(data) if piece)


def hsu_line(data: bytes) -> None:
    """hsu.Parser: the same items however the bytes come, and none that was not sent whole."""
    parser = hsu.Parser()
    found = list(hsu.Parser().feed(data))
    assert found == [item for at in range(len(data)) for item in parser.feed(data[at : at + 1])]
    for item in found:
        if item not in (hsu.ACK, hsu.NACK):
            assert item + bytes([-sum(item) & 0xFF]) in data, "a frame that nobody sent"


def chip(data: bytes) -> None:
    """A chip with a card: good frames come out, a reset mends all, and garbage changes no card."""
    field, card = Field(), out_of_field()
    apdus: list[bytes] = []
    exchange = card._iso_dep._exchange
    card._iso_dep._exchange = lambda apdu: apdus.append(apdu) or exchange(apdu)
    field.place(card)
    before = card.dump()
    reader = Pn532(field, lambda: 0.0)
    reader.feed(WAKE)
    said = reader.feed(framed(data[1:]) if data[:1] == FRAMED else data) + reader.poll()
    items = list(hsu.Parser().feed(said))
    sizes = [6 if item == hsu.ACK else len(hsu.build(item)) for item in items]
    assert sum(sizes) == len(said), "something that is no frame"
    reader.reset()
    reader.feed(WAKE)
    assert reader.feed(VERSION) == VERSION_ANSWER
    assert apdus or card.dump() == before, "garbage changed a card"


def card_blocks(data: bytes) -> None:
    """A card at block level: short answers, whole APDUs, and it works after it was selected again."""
    apdus: list[bytes] = []

    def exchange(apdu: bytes) -> bytes:
        apdus.append(apdu)
        return apdu

    layer = IsoDep(exchange, lambda: None, lambda apdu: 500.0 if apdu[:1] == b"\xfc" else 1.0)
    heard = b""
    for frame in pieces(data):
        answer = layer.frame(frame)
        heard += frame
        assert answer is None or 1 <= len(answer) <= FRAME_SIZES[-1]
    assert sum(map(len, apdus)) <= len(heard), "an APDU that nobody sent"
    layer.reset()
    assert layer.frame(RATS) == ATS
    assert layer.frame(b"\x02\x60") == b"\x02\x60"


def reader_blocks(data: bytes) -> None:
    """A reader with a card that says anything for ever, an empty frame being silence: it comes to an end."""
    answers = itertools.cycle(list(pieces(data)) or [b""])
    count = 0

    def air(_frame: bytes) -> bytes | None:
        nonlocal count
        count += 1
        assert count < TRANSCEIVES_MAX, "no end"
        return next(answers) or None

    initiator = Initiator(air)
    try:
        initiator.activate()
        initiator.exchange(bytes(100))
    except (CardLost, BadBlock):
        initiator.deselect()


class _Line:
    """The UART of the kiosk's driver: what came, then the end of the line."""

    def __init__(self, came: bytes) -> None:
        self.came = came

    def read(self, count: int) -> bytes:
        taken, self.came = self.came[:count], self.came[count:]
        return taken

    def write(self, data: bytes) -> int:
        return len(data)


def _result(coroutine: Coroutine[Any, Any, Any]) -> Any:
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("the driver waits for something else than the line")


def driver(data: bytes) -> None:
    """The kiosk's driver: byte 0 chooses what it asks, the rest is what the reader says after its ACK.

    With bit 80 in byte 0 the rest is the content of one frame, from the command's code on.
    """
    asked, said = data[:1] or b"\x00", data[1:]
    if asked[0] & 0x80:
        said = hsu.build(b"\xd5" + said[:254])
    with mock.patch.object(pn532, "within", lambda _ms, awaitable: awaitable):  # nobody ever waits
        reader = pn532.Pn532(_Line(hsu.ACK + said), None, None)
        try:
            if asked[0] % 3 == 0:
                answer = _result(reader.command(0x02))
                assert next(hsu.Parser().feed(said)) == b"\xd5\x03" + answer, "not what the reader said"
            elif asked[0] % 3 == 1:
                found = _result(reader.find())
                assert found is None or (len(found[0]) in (4, 7, 8, 10) and 0 <= found[1] <= 255)
                assert 0 <= reader._rate <= 2
            else:
                assert isinstance(_result(reader.transceive(b"\x60")), bytes)
        except (pn532.ReaderFault, pn532.CardGone) as fault:
            assert str(fault)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "hsu": hsu_line,
    "chip": chip,
    "card_blocks": card_blocks,
    "reader_blocks": reader_blocks,
    "driver": driver,
}
_HOST_BODIES = """
D402 D44A0100 D44A0200 D44A010100FFFF0100 D440015A000000 D44001 D441 D44260 D406630263 D4066302 D408630200
D41007 D41200 D41630 D4320100 D43205FF0101 D44E010202 D45200 D45401
"""
_CHIP_BODIES = """
D50332010607 D54B00 D54B01010344200704010203040506067577810280
D54B02 D54100917E D54101 D54B01010004080401020304
"""
_BODIES = [bytes.fromhex(body) for body in (_HOST_BODIES + _CHIP_BODIES).split()] + [b"\xd4" + bytes(263)]
_RATS_PARTS, _ATS_PARTS = b"\x02" + RATS, bytes([len(ATS)]) + ATS
_BLOCKS = "E050 E085 0260 0360 1260 A2 B2 C2 D01105 F201 02FC 0A0560 5000 13 03 067577810280"


def seeds(target: str) -> Iterator[bytes]:
    """What a mutation starts from."""
    if target.endswith("blocks"):
        frames = [b"", *map(bytes.fromhex, _BLOCKS.split())]
        parts = [bytes([len(frame)]) + frame for frame in frames]
        first = _RATS_PARTS if target == "card_blocks" else _ATS_PARTS
        yield from (first + part for part in parts)
        yield from (first + one + other for one in parts for other in parts)
        return
    head = b"\x00" if target == "driver" else b""
    frames = [hsu.ACK, hsu.NACK, hsu.ERROR, *map(hsu.build, _BODIES)]
    frames += [
        frame[:-2] + bytes([frame[-2] ^ 1, 0]) for frame in frames[3:]
    ]  # the sum of the content is wrong
    yield from (head + frame for frame in frames)
    if target == "driver":
        yield from (bytes([asked]) + frame for frame in frames for asked in (1, 2))
        yield from (bytes([asked]) + body[1:] for body in _BODIES for asked in (0x80, 0x81, 0x82))
    elif target == "chip":
        listed = b"\x04\xd4\x4a\x01\x00"
        for body in _BODIES:
            if len(body) < 256:
                yield FRAMED + listed + bytes([len(body)]) + body
        yield from (hsu.build(b"\xd4\x4a\x01\x00") + frame for frame in frames)
    else:
        yield from (hsu.build(b"\xd4\x4a\x01\x00") + frame for frame in frames)
