"""A process that is started again when it dies, after a pause that grows while it keeps dying."""

import os
import time
from collections.abc import Callable

import structlog

PAUSES_S = (0.1, 0.3, 1.0, 3.0, 10.0)
SOUND_S = 30.0  # who lived this long begins again with the first pause
_log = structlog.get_logger()


class Child:
    """start() -> pid. `pid` is 0 while it does not run."""

    def __init__(self, name: str, start: Callable[[], int]) -> None:
        self.name = name
        self.pid = 0
        self._start = start
        self._started_s = 0.0
        self._falls = 0
        self._due_s = 0.0

    def start_when_due(self) -> float | None:
        """Start it when its pause is over; else how long that still takes. None when it runs."""
        if self.pid:
            return None
        left_s = self._due_s - time.monotonic()
        if left_s > 0:
            return left_s
        self._started_s = time.monotonic()
        try:
            self.pid = self._start()
        except OSError as error:  # no memory or no process number is left just now
            return self.fell(str(error))
        _log.info(f"the {self.name} process runs", pid=self.pid)
        return None

    def reap(self) -> int | None:
        """Its exit code, minus a signal's number, when it ended since the last look."""
        if not self.pid:
            return None
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if not pid:
            return None
        self.pid = 0
        return os.waitstatus_to_exitcode(status)

    def fell(self, why: int | str) -> float:
        """It ended and should not have, by exit code or fault: plan its next start, so far from now."""
        now_s = time.monotonic()
        if now_s - self._started_s >= SOUND_S:
            self._falls = 0
        pause_s = PAUSES_S[min(self._falls, len(PAUSES_S) - 1)]
        self._falls += 1
        self._due_s = now_s + pause_s
        _log.error(f"the {self.name} process ended; it is started again", why=why, pause_s=pause_s)
        return pause_s
