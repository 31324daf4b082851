"""The task journal: what takes long in flash goes through here, one by one, while no card is served.

Files and erasing take up to 0.1 s each. The records of a sale take less than a millisecond and are written
where they arise: none of them ever waits behind a file. Nobody else writes to flash (tools/tidy knows who).
"""

import asyncio

from hal import duty, ticks

LOOK_MS = 20
MINUTE_MS = 60_000
JOBS_MAX = 2  # each may hold a message of 4 KB


class Store:
    """flash: as in hal/; clock() gives seconds since 1970; `serving`: a card is served, so nothing long may
    begin."""

    def __init__(self, flash, journal, age, clock, firmware: str) -> None:  # type: ignore[no-untyped-def]
        self._flash, self._journal, self._age, self._clock = flash, journal, age, clock
        self._firmware = firmware
        self._jobs: list = []
        self._minutes, self._began = 0, ticks.now()
        self._unkept: list = []  # faults that flash did not take
        self.serving = False
        self.fresh = False  # there may be something that the host was not told in this session

    def later(self, function, *arguments) -> bool:  # type: ignore[no-untyped-def]
        """Have this done: now, or when the card that is served is gone; False when too much waits already."""
        if not self.serving and not self._jobs:
            self._do(function, arguments)
        elif len(self._jobs) >= JOBS_MAX:
            return False
        else:
            self._jobs.append((function, arguments))
        return True

    async def run(self) -> None:
        """For ever."""
        while True:
            duty.check_in("journal")
            if not self.serving:
                if self._jobs:
                    self._do(*self._jobs.pop(0))
                else:
                    self._journal.prepare()
                if self._flash.failed:  # whoever wrote goes on with what was
                    self.note("flash", self._flash.failed)
                    self._flash.failed = ""
                if ticks.since(self._began) >= MINUTE_MS:
                    self._began = ticks.now()
                    self._minutes += 1
                    self._age.tick()
            await asyncio.sleep_ms(LOOK_MS)

    def _do(self, function, arguments) -> None:  # type: ignore[no-untyped-def]
        try:
            function(*arguments)
        except OSError as error:  # whoever asked for it goes on with what was
            print("flash: %s" % error)
            self._flash.failed = str(error)

    # what is wrong with this kiosk: kiosk/faults.py, which is needed seldom

    def note(self, source: str, cause: str) -> int:
        """Keep it for the host now -> of a restart how many there were in a row."""
        from kiosk import faults

        self.fresh = True
        uptime_s = self._minutes * 60 + ticks.since(self._began) // 1000
        return faults.note(self._flash, self._unkept, source, cause, uptime_s, self._clock(), self._firmware)

    def fault(self, source: str, cause: str) -> None:
        """Keep for the host what the kiosk goes on without."""
        self.later(self.note, source, cause)

    def untold(self) -> list:
        """What the host does not know yet, as fields of the message; from then on nothing is fresh."""
        if not self.fresh:
            return []
        from kiosk import faults

        self.fresh = False
        return faults.untold(self._flash, self._unkept)

    def told(self, fault: bytes) -> None:
        """The host has noted this one."""
        from kiosk import faults

        self.later(faults.told, self._flash, self._unkept, fault)
