"""The PN532 on SPI and I2C: bus transactions around the same frames (UM0701-02, 6.2.3 and 6.2.4).

| bus | a transaction | answer |
|---|---|---|
| SPI, LSB first | 02: is something ready? | 01 or 00, as long as the clock runs |
| | 01 and bytes: to the chip | |
| | 03: from the chip | the bytes of the frame that is next |
| I2C, address 24 | written bytes: to the chip | |
| | read: 01 or 00, then the frame that is next | a frame that was begun is used up; NACK repeats it |

On SPI a frame may be read in several transactions. The chip's next byte lies in its shift register by then,
so it leaves while the direction byte comes in. An acknowledgement and an answer are two frames to read.
"""

from typing import Final

from simulator.reader.pn532 import I2C, SPI, Pn532

I2C_ADDRESS: Final = 0x24
_DATA_WRITE, _STATUS_READ, _DATA_READ = 0x01, 0x02, 0x03
_READY, _BUSY = 0x01, 0x00
_SPI_PINS, _I2C_PINS = 0b10, 0b01


class _Bus:
    """What the chip has to say, frame by frame, until the host fetches it."""

    def __init__(self, chip: Pn532, source: int, interface_pins: int) -> None:
        self.chip = chip
        self._source = source
        self._frames: list[bytes] = []
        chip.upkeep.interface_pins = interface_pins

    def _ready(self) -> bool:
        found = self.chip.poll()
        if found:
            self._frames.append(found)
        return bool(self._frames)

    def _write(self, data: bytes) -> bool:
        """Whether it was a frame: that ends what the host has not fetched, anything else changes nothing."""
        pieces = [piece for piece in self.chip.frames(data) if piece]
        if pieces:
            self._frames = pieces
        return bool(pieces)

    def _wake(self) -> None:
        self.chip.wake(self._source)


class SpiBus(_Bus):
    """The slave. A master that shifts its bytes MSB first, as most do, turns them round before and after."""

    def __init__(self, chip: Pn532) -> None:
        super().__init__(chip, SPI, _SPI_PINS)
        self._sent = 0  # bytes of the first frame that the master has
        self._direction: int | None = None

    def select(self) -> None:
        """Chip select goes low: a transaction begins."""
        self._wake()
        self._direction = None

    def shift(self, out: bytes) -> bytes:
        """As many bytes come back as go out; the first of a transaction says what it is."""
        if not out:
            return b""
        if self._direction is not None:
            return self._on(out)
        self._direction = out[0]
        if self._direction == _DATA_READ and self._sent:
            return self._read(len(out))
        return b"\x00" + self._on(out[1:])

    def transfer(self, out: bytes) -> bytes:
        """A whole transaction, from chip select low to high."""
        self.select()
        return self.shift(out)

    def _on(self, out: bytes) -> bytes:
        if self._direction == _STATUS_READ:
            return bytes([_READY if self._ready() else _BUSY]) * len(out)
        if self._direction == _DATA_READ:
            return self._read(len(out))
        if self._direction == _DATA_WRITE and self._write(out):
            self._sent = 0
        return bytes(len(out))

    def _read(self, count: int) -> bytes:
        """Of the frame that is next; nothing of the one after it in the same breath."""
        if not count or not self._ready():
            return bytes(count)
        part = self._frames[0][self._sent : self._sent + count]
        self._sent += count
        if self._sent >= len(self._frames[0]):
            self._frames.pop(0)
            self._sent = 0
        return part.ljust(count, b"\x00")


class I2cBus(_Bus):
    """The slave at I2C_ADDRESS."""

    def __init__(self, chip: Pn532) -> None:
        super().__init__(chip, I2C, _I2C_PINS)

    def write(self, data: bytes) -> None:
        """One write transaction."""
        self._wake()
        self._write(data)

    def read(self, count: int) -> bytes:
        """One read transaction."""
        self._wake()
        if not self._ready():
            return bytes(count)
        frame = self._frames.pop(0) if count > 1 else b""
        return (bytes([_READY]) + frame)[:count].ljust(count, b"\x00")
