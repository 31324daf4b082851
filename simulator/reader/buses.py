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

    def _write(self, data: bytes) -> None:
        """A new frame from the host ends what it has not fetched; one that is no frame changes nothing."""
        pieces = [piece for piece in self.chip.frames(data) if piece]
        if pieces:
            self._frames = pieces

    def _wake(self) -> None:
        self.chip.wake(self._source)


class SpiBus(_Bus):
    """The slave. A master that shifts its bytes MSB first, as most do, turns them round before and after."""

    def __init__(self, chip: Pn532) -> None:
        super().__init__(chip, SPI, _SPI_PINS)
        self._sent = 0  # bytes of the first frame that the master has

    def transfer(self, out: bytes) -> bytes:
        """One transaction, from chip select low to high: as many bytes come back as go out."""
        self._wake()
        if not out:
            return b""
        if out[0] == _DATA_WRITE:
            self._sent = 0
            self._write(out[1:])
            return bytes(len(out))
        if out[0] == _STATUS_READ:
            status = _READY if self._ready() else _BUSY
            return bytes([0]) + bytes([status]) * (len(out) - 1)
        if out[0] == _DATA_READ and self._ready():
            frame = self._frames[0]
            first = frame[self._sent : self._sent + 1] if self._sent else b"\x00"
            start = self._sent + 1 if self._sent else 0
            self._sent = start + len(out) - 1
            if self._sent >= len(frame):
                self._frames.pop(0)
                self._sent = 0
            return first + frame[start : start + len(out) - 1].ljust(len(out) - 1, b"\x00")
        return bytes(len(out))


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
