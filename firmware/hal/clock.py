"""Wall clock in seconds since 1970, whatever epoch the port counts from (ESP32: 2000).

Two times: the chip's clock, which TLS holds certificates against, and what the kiosk believes. They differ
only while a time server's word, which nobody has signed, was taken for the chip's clock.
"""

import time

import machine

BUILT_S = 1_795_651_200  # 2026-11-26: this program is no older, so neither is any time that is true
_OFFSET_S = 946_684_800 if time.gmtime(0)[0] == 2000 else 0
_hinted_s = 0  # how far the chip's clock is ahead of what is believed


def now_s() -> int:
    """Seconds since 1970-01-01 UTC, as far as the chip knows."""
    return int(time.time()) + _OFFSET_S - _hinted_s


def set_s(seconds: int) -> None:
    """What is believed: at first what is saved, then the host's signed welcome."""
    global _hinted_s
    _hinted_s = 0
    _set_chip(seconds)


def hint_s(seconds: int) -> None:
    """A time server's word, for TLS alone: no list gets younger or older by it. Not before BUILT_S."""
    global _hinted_s
    believed_s = now_s()
    seconds = max(seconds, BUILT_S)
    _set_chip(seconds)
    _hinted_s = seconds - believed_s


def _set_chip(seconds: int) -> None:
    year, month, day, hour, minute, second, weekday, _ = time.gmtime(seconds - _OFFSET_S)
    machine.RTC().datetime((year, month, day, weekday, hour, minute, second, 0))
