"""The host's end of the PN532's serial line, for tests; written apart from the emulator."""

from collections.abc import Callable

from simulator.reader import Field, Pn532
from tests.simulator.card.terminal import UID, blank_card

ACK = bytes.fromhex("0000ff00ff00")
WAKE = b"\x55\x55" + bytes(14)


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def frame(body: bytes) -> bytes:
    if len(body) < 256:
        head = bytes([len(body), 256 - len(body) & 0xFF])
    else:
        size = len(body).to_bytes(2, "big")
        head = b"\xff\xff" + size + bytes([-sum(size) & 0xFF])
    return b"\x00\x00\xff" + head + body + bytes([-sum(body) & 0xFF, 0])


def bodies(stream: bytes) -> list[bytes]:
    """Splits what the chip sent into frames; ACK stays as it is. Every byte must belong to a good frame."""
    found = []
    while stream:
        if stream.startswith(ACK):
            found.append(ACK)
            stream = stream[6:]
            continue
        assert stream.startswith(b"\x00\x00\xff"), stream.hex()
        if stream[3:5] == b"\xff\xff":
            size, at = stream[5] << 8 | stream[6], 8
            assert sum(stream[5:8]) & 0xFF == 0
        else:
            size, at = stream[3], 5
            assert stream[3] + stream[4] & 0xFF == 0
        body, end = stream[at : at + size], at + size
        assert sum(stream[at : end + 1]) & 0xFF == 0 and stream[end + 1] == 0
        found.append(body)
        stream = stream[end + 2 :]
    return found


def ask(chip: Pn532, code: int, data: bytes = b"") -> bytes:
    """One command that is acknowledged and answered at once; returns the answer's parameters."""
    got = bodies(chip.feed(frame(bytes([0xD4, code]) + data)))
    assert len(got) == 2 and got[0] == ACK, got
    assert got[1][:2] == bytes([0xD5, code + 1]), got
    return got[1][2:]


def awake(field: Field, clock: Callable[[], float] | None = None, retries: int = 1) -> Pn532:
    """A chip that is configured as a kiosk does it."""
    chip = Pn532(field, clock or Clock())
    assert chip.feed(WAKE) == b""
    assert ask(chip, 0x14, b"\x01\x00\x00") == b""
    assert ask(chip, 0x32, bytes([5, 0xFF, 1, retries])) == b""
    return chip


LIST = frame(bytes.fromhex("D44A0100"))
FOUND = bytes.fromhex("D54B0101034420 07") + UID + bytes.fromhex("067577810280")


def with_card(**kwargs: int) -> tuple[Pn532, Field]:
    field, card = Field(), blank_card()
    card.leave_field()
    field.place(card)
    return awake(field, **kwargs), field
