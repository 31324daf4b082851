"""The wires between simulator and simulated chip (this side of simulator/board/shim/link.py).

From the chip: kind u8 | length u32 LE | payload. To the chip: commands of twelve bytes, kind u8 | 3 zero
bytes | u32 LE | i32 LE.
"""

import struct
from dataclasses import dataclass
from typing import Final

_HEAD: Final = struct.Struct("<BI")
_COMMAND: Final = struct.Struct("<B3xIi")

# A strip of the display is a few kilobytes; more than this in one piece is no message of ours.
LIMIT_BYTES: Final = 1 << 20

BOOTED: Final = "B"
SPI_WRITE: Final = "S"
I2C_WRITE: Final = "I"  # address u8, then the bytes
PIN: Final = "P"
PWM: Final = "W"
WATCHDOG: Final = "D"
RESET: Final = "R"
FLASH: Final = "F"
FLASH_FAULT: Final = "X"
CUT_REACHED: Final = "C"
HEAP: Final = "H"
STEP: Final = "L"  # the longest step of a task since the last question, in microseconds
LEAPT: Final = "J"  # a leap of time is over
KEY: Final = "K"  # one key was seen pressed and seen let go

_PAYLOAD: Final[dict[str, struct.Struct | None]] = {
    BOOTED: struct.Struct("<I"),
    SPI_WRITE: None,
    I2C_WRITE: None,
    PIN: struct.Struct("<BB"),
    PWM: struct.Struct("<BIH"),
    WATCHDOG: struct.Struct("<I"),
    RESET: struct.Struct(""),
    FLASH: struct.Struct("<BBII"),
    FLASH_FAULT: None,
    CUT_REACHED: struct.Struct("<I"),
    HEAP: struct.Struct("<I"),
    LEAPT: struct.Struct(""),
    STEP: struct.Struct("<I"),
    KEY: struct.Struct("<BB"),
}


@dataclass(frozen=True)
class Message:
    """`numbers` as the kind defines them; `data` for SPI bytes and texts."""

    kind: str
    numbers: tuple[int, ...] = ()
    data: bytes = b""


def cut_command(operation: int, seed: int) -> bytes:
    """Cut the power at the `operation`-th flash operation from now (0: never)."""
    return _COMMAND.pack(ord("C"), operation, seed & 0x7FFFFFFF)


def access_point_command(up: bool) -> bytes:
    return _COMMAND.pack(ord("N"), int(up), 0)


def clock_command(shift_s: int) -> bytes:
    """Move the board's clock now. A later power on starts at 2000-01-01 again, as the chip does."""
    return _COMMAND.pack(ord("T"), 0, shift_s)


def leap_command(ms: int) -> bytes:
    """Let so much time of the board pass at once, all timers in their order (shim/waiting.py);
    LEAPT answers."""
    return _COMMAND.pack(ord("J"), 0, ms)


def plug_command(i2c_address: int, there: bool) -> bytes:
    """A part on the I2C bus comes or goes, until the next power on."""
    return _COMMAND.pack(ord("I"), i2c_address, int(there))


def key_command(row_pin: int, column_pin: int) -> bytes:
    """Close the switch between two pins until the firmware has looked at it, then open it; KEY answers."""
    return _COMMAND.pack(ord("K"), row_pin << 8 | column_pin, 0)


def heap_command() -> bytes:
    """Collect the heap and count what lives: the answer is HEAP."""
    return _COMMAND.pack(ord("H"), 0, 0)


def step_command() -> bytes:
    """How long was the longest step of a task since the last question? STEP answers."""
    return _COMMAND.pack(ord("L"), 0, 0)


def splinter_command(piece_bytes: int) -> bytes:
    """From now on there is no free piece of the heap that is larger."""
    return _COMMAND.pack(ord("G"), piece_bytes, 0)


class LinkError(ValueError):
    """What came over the link is no message of the shim."""


class Decoder:
    """Bytes in, messages out. Keeps what is incomplete."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """Raises LinkError on an unknown kind, a wrong length or a message over LIMIT_BYTES."""
        self._buffer += data
        messages: list[Message] = []
        at = 0
        while len(self._buffer) - at >= _HEAD.size:
            code, length = _HEAD.unpack_from(self._buffer, at)
            kind = chr(code)
            if kind not in _PAYLOAD or length > LIMIT_BYTES:
                raise LinkError(
                    f"message {kind!r} of {length} bytes from the board: the shim and link.py differ"
                )
            end = at + _HEAD.size + length
            if len(self._buffer) < end:
                break
            messages.append(_message(kind, bytes(self._buffer[at + _HEAD.size : end])))
            at = end
        del self._buffer[:at]
        return messages


def _message(kind: str, payload: bytes) -> Message:
    form = _PAYLOAD[kind]
    if form is None:
        return Message(kind, data=payload)
    if len(payload) != form.size:
        raise LinkError(f"message {kind!r} from the board has {len(payload)} bytes, expected {form.size}")
    return Message(kind, numbers=form.unpack(payload))
