"""How old the lists may be: the time since the host last said that they were the newest.

What is counted is running time, kept in flash once an hour. A chip without a battery does not know how long
it was off, so that is not claimed: instead each start counts as HOUR_S, which covers what ran unsaved before
it, and bounds how often somebody may cut the power to stop the count. A wall clock that says more is
believed, one that says less is not.

    file = time of the host's last word u32 | seconds counted since u32 | CRC-32 u32      (little endian)
"""

import struct
from binascii import crc32

from hal import ticks

PATH = "/age.bin"
HOUR_S = 3600
UNKNOWN_S = 0xFFFF_FFFF  # nobody knows: no offline sale before the host was heard


class Age:
    """flash: read_file and write_file; clock() and set_clock(seconds) since 1970."""

    def __init__(self, flash, clock, set_clock) -> None:  # type: ignore[no-untyped-def]
        self._flash, self._clock, self._set_clock = flash, clock, set_clock
        self._confirmed_s, self._counted_s = self._load()
        self._began, self._rest_ms = ticks.now(), 0
        self._saved = self._confirmed_s, self._counted_s
        self.told = False  # the time of day, by the host; what a start begins with may be old
        self._newest: tuple[int, int] | None = None  # of hotlist and allow-list, until we have them
        if self._confirmed_s:
            self._count(HOUR_S)
            self._save()
            if clock() < self._confirmed_s + self._counted_s:
                set_clock(self._confirmed_s + self._counted_s)

    def _load(self) -> tuple[int, int]:
        stored = self._flash.read_file(PATH)
        if stored is not None and len(stored) == 12:
            confirmed_s, counted_s, check = struct.unpack("<III", stored)
            if crc32(stored[:8]) == check:
                return confirmed_s, counted_s
        return 0, UNKNOWN_S

    def _save(self) -> None:
        self._saved = self._confirmed_s, self._counted_s
        head = struct.pack("<II", *self._saved)
        try:
            self._flash.write_file(PATH, head + struct.pack("<I", crc32(head)))
        except OSError as error:
            print("age: cannot be kept: %s" % error)

    def _count(self, more_s: int) -> None:
        self._counted_s = min(self._counted_s + more_s, UNKNOWN_S)

    @property
    def seconds(self) -> int:
        """UNKNOWN_S when nobody knows."""
        self.tick()
        return max(self._counted_s, min(self._clock() - self._confirmed_s, UNKNOWN_S))

    def tick(self) -> None:
        """Count the running time; often enough for the counter of ticks."""
        self._rest_ms += ticks.since(self._began)
        self._began = ticks.now()
        self._count(self._rest_ms // 1000)
        self._rest_ms %= 1000
        if self._counted_s - self._saved[1] >= HOUR_S:
            self._save()

    def welcomed(self, values: dict) -> None:
        """The host says what time it is and which lists are the newest."""
        self._set_clock(values["now_s"])
        self.told = True
        self._newest = values["hotlist"], values["allowed"]

    def compare(self, settings) -> None:  # type: ignore[no-untyped-def]
        """Do we have now what the host last called the newest?"""
        if self._newest is None:
            return
        held = settings.held()
        if held["hotlist"] >= self._newest[0] and held["allowed"] >= self._newest[1]:
            self._newest = None  # its word counts once
            self._confirmed()

    def _confirmed(self) -> None:
        self._confirmed_s, self._counted_s, self._began = self._clock(), 0, ticks.now()
        since_s = self._confirmed_s - self._saved[0]
        if self._saved[1] or not 0 <= since_s < HOUR_S:
            self._save()
