"""Stands in for the module `machine` of the ESP32 port: what the firmware's hal uses, with the real names
and numbers.
"""

import struct
import termios

import clock
import link

_PIN_COUNT = 40
_FIRST_INPUT_ONLY = 34
_NO_SUCH_PIN = (20, 24, 28, 29, 30, 31)

# Set by the start script.
_uart_descriptor = None
_uart = None

_pins = {}


class Pin:
    OUT = 3

    def __new__(cls, id, *args, **kwargs):
        # One object a pin, as on the chip: a second Pin(5) sees the level the first one drives.
        if not isinstance(id, int) or not 0 <= id < _PIN_COUNT or id in _NO_SUCH_PIN:
            raise ValueError("invalid pin")
        if id not in _pins:
            pin = super().__new__(cls)
            pin._id, pin._mode, pin._level = id, None, 0
            _pins[id] = pin
        return _pins[id]

    def __init__(self, id, mode=-1, *, value=None):
        if mode == self.OUT and self._id >= _FIRST_INPUT_ONLY:
            raise ValueError("pin can only be input")
        if mode != -1:
            self._mode = mode
        if self._mode == self.OUT:
            self._drive(self._level if value is None else value)

    def value(self, level=None):
        if level is not None:
            self._drive(level)
            return None
        return self._level

    __call__ = value

    def _drive(self, level):
        self._level = 1 if level else 0
        if self._mode == self.OUT:
            link.send("P", bytes((self._id, self._level)))


class PWM:
    def __init__(self, pin, freq=5000, duty_u16=32768):
        self._pin = pin
        self._freq = freq
        self._duty = duty_u16
        self._tell()

    def freq(self, value=None):
        if value is None:
            return self._freq
        if not 1 <= value <= 40000000:
            raise ValueError("frequency must be from 1Hz to 40MHz")
        self._freq = value
        self._tell()

    def duty_u16(self, value=None):
        if value is None:
            return self._duty
        if not 0 <= value <= 65535:
            raise ValueError("duty_u16 must be from 0 to 65535")
        self._duty = value
        self._tell()

    def _tell(self):
        link.send("W", struct.pack("<BIH", self._pin._id, self._freq, self._duty))


class SPI:
    def __init__(self, id, baudrate=500000, *, polarity=0, phase=0, bits=8, sck=None, mosi=None, miso=None):
        if id not in (1, 2):
            raise ValueError(f"SPI({id}) doesn't exist")

    def write(self, buf):
        link.send("S", buf)


def UART(
    id, baudrate=115200, bits=8, parity=None, stop=1, *, tx=None, rx=None, timeout=0, rxbuf=256, txbuf=256
):
    """The serial line as the port's own stream object, non-blocking, so that asyncio's streams poll it.

    The parent opened the pseudo terminal; a second call gives the same line another baud rate.
    """
    global _uart
    if id not in (0, 1, 2):
        raise ValueError(f"UART({id}) doesn't exist")
    if _uart_descriptor is None:
        raise OSError(19)
    if _uart is None:
        _uart = open(_uart_descriptor, "r+b", 0)
    attributes = termios.tcgetattr(_uart_descriptor)
    attributes[4] = attributes[5] = getattr(termios, "B%d" % baudrate, baudrate)
    termios.tcsetattr(_uart_descriptor, termios.TCSANOW, attributes)
    return _uart


class WDT:
    def __init__(self, id=0, timeout=5000):
        if timeout < 1:
            raise ValueError("WDT timeout too short")
        self._message = struct.pack("<I", timeout)
        self.feed()

    def feed(self):
        link.poll()
        link.send("D", self._message)


class RTC:
    def __init__(self, id=0):
        pass

    def datetime(self, parts=None):
        """(year, month, day, weekday, hour, minute, second, microsecond); the weekday given is ignored."""
        if parts is None:
            t = clock.gmtime()
            return (t[0], t[1], t[2], t[6], t[3], t[4], t[5], clock.microsecond())
        year, month, day, _, hour, minute, second, _ = parts
        clock.set_time(clock.mktime((year, month, day, hour, minute, second, 0, 0)))


def reset():
    link.send("R")
    link.freeze()
