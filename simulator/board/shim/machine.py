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
descriptors = {}  # number of the UART -> its terminal
_lines = {}

# Addresses of the parts on the I2C bus; set by the start script.
_i2c_parts = set()
# Looks of the firmware at a switch before a hand lets go of it, and before it presses the next.
_LOOKS_CLOSED, _LOOKS_OPEN = 6, 3

_pins = {}
_hand = []  # switches to press, as (row pin, column pin); the first is under way
_looks = 0


def press(pins, _unused):
    """A hand presses the switch between two pins, after those that it is to press before."""
    _hand.append((pins >> 8, pins & 0xFF))


def _level_of(column):
    """What an input with a pull-up sees: low through a closed switch to a pin that is driven low."""
    global _looks
    link.poll()
    if not _hand or _hand[0][1] != column:
        return 1
    row = _pins.get(_hand[0][0])
    if row is None or row._level:
        return 1
    _looks += 1
    if _looks <= _LOOKS_CLOSED:
        return 0
    if _looks > _LOOKS_CLOSED + _LOOKS_OPEN:
        link.send("K", bytes(_hand.pop(0)))
        _looks = 0
    return 1


class Pin:
    IN, OUT, OPEN_DRAIN = 1, 3, 7
    PULL_UP = 2

    def __new__(cls, id, *args, **kwargs):
        # One object a pin, as on the chip: a second Pin(5) sees the level the first one drives.
        if not isinstance(id, int) or not 0 <= id < _PIN_COUNT or id in _NO_SUCH_PIN:
            raise ValueError("invalid pin")
        if id not in _pins:
            pin = super().__new__(cls)
            pin._id, pin._mode, pin._level = id, None, 0
            _pins[id] = pin
        return _pins[id]

    def __init__(self, id, mode=-1, pull=-1, *, value=None):
        if pull == self.PULL_UP and self._id >= _FIRST_INPUT_ONLY:
            raise ValueError("pins 34 to 39 have no pull-up inside")
        if mode in (self.OUT, self.OPEN_DRAIN) and self._id >= _FIRST_INPUT_ONLY:
            raise ValueError("pin can only be input")
        if mode != -1:
            self._mode = mode
        if self._mode in (self.OUT, self.OPEN_DRAIN):
            self._drive(self._level if value is None else value)

    def value(self, level=None):
        if level is not None:
            self._drive(level)
            return None
        return _level_of(self._id) if self._mode == self.IN else self._level

    __call__ = value

    def _drive(self, level):
        self._level = 1 if level else 0
        if self._mode == self.OUT:  # nothing that hangs on an open drain listens to it
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


def plug(address, there):  # on the I2C bus
    (_i2c_parts.add if there else _i2c_parts.discard)(address)


class I2C:
    def __init__(self, id, *, scl=None, sda=None, freq=400000):
        if id not in (0, 1):
            raise ValueError(f"I2C({id}) doesn't exist")

    def writeto(self, addr, buf, stop=True):
        if addr not in _i2c_parts:
            raise OSError(19)
        link.send("I", bytes((addr,)) + bytes(buf))
        return len(buf)

    def writevto(self, addr, vector, stop=True):
        return self.writeto(addr, b"".join([bytes(part) for part in vector]))


def UART(
    id, baudrate=115200, bits=8, parity=None, stop=1, *, tx=None, rx=None, timeout=0, rxbuf=256, txbuf=256
):
    """The serial line as the port's own stream object, non-blocking, so that asyncio's streams poll it.

    The parent opened the pseudo terminals; a second call gives the same line another baud rate.
    """
    if id not in (0, 1, 2):
        raise ValueError(f"UART({id}) doesn't exist")
    if id not in descriptors:
        raise OSError(19)
    if id not in _lines:
        _lines[id] = open(descriptors[id], "r+b", 0)
    attributes = termios.tcgetattr(descriptors[id])
    attributes[4] = attributes[5] = getattr(termios, "B%d" % baudrate, baudrate)
    termios.tcsetattr(descriptors[id], termios.TCSANOW, attributes)
    return _lines[id]


class WDT:
    def __init__(self, id=0, timeout=5000):
        if timeout < 1:
            raise ValueError("WDT timeout too short")
        self._message = struct.pack("<I", timeout)
        self.feed()

    def feed(self):
        link.poll()
        link.send("D", self._message)


# As the ESP32 port numbers them; the start script says which one it was.
PWRON_RESET, HARD_RESET, WDT_RESET = 1, 2, 3
_reset_cause = PWRON_RESET


def reset_cause():
    return _reset_cause


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
