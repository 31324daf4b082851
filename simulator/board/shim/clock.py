"""Stands in for `time`: whole seconds from 2000-01-01 as on the ESP32, where the clock starts there when
power comes.

The monotonic functions are the port's own, and what the simulator lets leap is added.
"""

from time import gmtime as _gmtime
from time import mktime as _mktime
from time import sleep, sleep_ms, sleep_us, ticks_add, ticks_cpu, ticks_diff, ticks_us  # noqa: F401
from time import ticks_ms as _ticks_ms
from time import time as _time
from time import time_ns as _time_ns

import link

_EPOCH_2000_S = 946684800
_NS = 1000000000

# What is added to the machine's clock; at power on, such that it reads 2000-01-01 00:00:00.
_offset_s = -int(_time())
# Time that passed in leaps, and how much of a leap is left.
_leapt_ms = 0
_left_ms = 0


def ticks_ms():
    return ticks_add(_ticks_ms(), _leapt_ms)


def leap(_unused, ms):
    """The simulator lets so much time pass at once: see waiting.py."""
    global _left_ms
    _left_ms += ms


def leaping():
    return _left_ms > 0


def pass_by(ms):
    """So much of a leap is over."""
    global _leapt_ms, _left_ms, _offset_s
    ms = min(ms, _left_ms)
    _left_ms -= ms
    _offset_s += (_leapt_ms + ms) // 1000 - _leapt_ms // 1000
    _leapt_ms += ms
    if not _left_ms:
        link.send("J")


def time():
    return int(_time()) + _offset_s


def time_ns():
    return _time_ns() + _offset_s * _NS


def gmtime(seconds=None):
    return tuple(_gmtime((time() if seconds is None else seconds) + _EPOCH_2000_S)[:8])


localtime = gmtime


def mktime(parts):
    """Seconds of local time, which is UTC on this port: the zone of the machine below is taken out again."""
    guess = int(_mktime(tuple(parts[:8]) + (0,)))
    zone = int(_mktime(tuple(_gmtime(guess)[:8]) + (0,))) - guess
    return guess - zone - _EPOCH_2000_S


def set_time(seconds):
    """RTC().datetime(...): seconds from 2000."""
    global _offset_s
    _offset_s = seconds - int(_time())


def shift(_unused, seconds):
    """The simulator moves the clock of this board by so many seconds."""
    global _offset_s
    _offset_s += seconds


def microsecond():
    return _time_ns() // 1000 % 1000000
