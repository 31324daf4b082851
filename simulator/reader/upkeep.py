"""The PN532's commands about itself: registers, pins, parameters, RF settings, baud rate (UM0701-02, 7.2).

Every method takes a command's parameters and returns the parameters of its answer, or None when the command
is malformed, which the chip answers with its error frame.
"""

from collections.abc import Callable
from typing import Final

FOREVER: Final = 0xFF
FIFO_DATA: Final = 0x6339
BAUD_RATES: Final = (9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600, 1288000)
DEFAULT_BAUD: Final = 115200
_AUTOMATIC_RATS: Final = 0x10
_DEFAULT_PARAMETERS: Final = 0x14
_RF_ITEM_BYTES: Final = {1: 1, 2: 3, 4: 1, 5: 3, 0x0A: 11, 0x0B: 8, 0x0C: 3, 0x0D: 9}
_VERSION: Final = b"\x32\x01\x06\x07"
_TAKEN: Final = 0x80  # validation bit of WriteGPIO
_P3_PINS, _P7_PINS = 0x3F, 0x06


class Upkeep:
    """`field_off` is called when the host switches the field off."""

    def __init__(self, field_off: Callable[[], None]) -> None:
        self._field_off = field_off
        self.interface_pins = 0  # I0 and I1, by which the board chooses HSU 00, I2C 01, SPI 10
        self.commands: dict[int, Callable[[bytes], bytes | None]] = {
            0x00: self._diagnose,
            0x02: lambda data: None if data else _VERSION,
            0x06: self._read_register,
            0x08: self._write_register,
            0x0C: lambda data: None if data else bytes([self._p3, self._p7, self.interface_pins]),
            0x0E: self._write_gpio,
            0x10: self._set_baud_rate,
            0x12: self._set_parameters,
            0x14: lambda data: b"" if 1 <= len(data) <= 3 and 1 <= data[0] <= 4 else None,
            0x32: self._rf_configuration,
        }
        self.reset()

    def reset(self) -> None:
        self.baud = DEFAULT_BAUD
        self.next_baud: int | None = None  # from the host's ACK of SetSerialBaudRate's answer
        self.retries = FOREVER
        self.registers: dict[int, int] = {}
        self._parameters = _DEFAULT_PARAMETERS
        self._p3, self._p7 = _P3_PINS, _P7_PINS

    @property
    def automatic_rats(self) -> bool:
        return bool(self._parameters & _AUTOMATIC_RATS)

    def acknowledged(self) -> None:
        """The host sent ACK: a new baud rate holds from here."""
        if self.next_baud is not None:
            self.baud, self.next_baud = self.next_baud, None

    def _diagnose(self, data: bytes) -> bytes | None:
        """Test 0 gives everything back, 1 and 2 find ROM and RAM sound."""
        if data[:1] == b"\x00":
            return data
        return b"\x00" if data in (b"\x01", b"\x02") else None

    def _read_register(self, data: bytes) -> bytes | None:
        if not data or len(data) % 2:
            return None
        addresses = [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]
        return bytes(self.registers.get(address, 0) for address in addresses)

    def _write_register(self, data: bytes) -> bytes | None:
        if not data or len(data) % 3:
            return None
        for at in range(0, len(data), 3):
            self.registers[int.from_bytes(data[at : at + 2], "big")] = data[at + 2]
        return b""

    def _write_gpio(self, data: bytes) -> bytes | None:
        """P3 and P7; a byte without its validation bit leaves its port alone."""
        if len(data) != 2:
            return None
        if data[0] & _TAKEN:
            self._p3 = data[0] & _P3_PINS
        if data[1] & _TAKEN:
            self._p7 = data[1] & _P7_PINS
        return b""

    def _set_baud_rate(self, data: bytes) -> bytes | None:
        if len(data) != 1 or data[0] >= len(BAUD_RATES):
            return None
        self.next_baud = BAUD_RATES[data[0]]
        return b""

    def _set_parameters(self, data: bytes) -> bytes | None:
        if len(data) != 1:
            return None
        self._parameters = data[0]
        return b""

    def _rf_configuration(self, data: bytes) -> bytes | None:
        if not data or len(data) != 1 + _RF_ITEM_BYTES.get(data[0], -1):
            return None
        if data[0] == 1 and not data[1] & 1:
            self._field_off()
        if data[0] == 5:
            self.retries = data[3]
        return b""
