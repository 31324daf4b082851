"""Wall clock in seconds since 1970, whatever epoch the port counts from (ESP32: 2000)."""

import time

import machine

_OFFSET_S = 946_684_800 if time.gmtime(0)[0] == 2000 else 0


def now_s() -> int:
    """Seconds since 1970-01-01 UTC, as far as the chip knows."""
    return int(time.time()) + _OFFSET_S


def set_s(seconds: int) -> None:
    """Set the chip's clock from the host's signed welcome."""
    year, month, day, hour, minute, second, weekday, _ = time.gmtime(seconds - _OFFSET_S)
    machine.RTC().datetime((year, month, day, weekday, hour, minute, second, 0))
