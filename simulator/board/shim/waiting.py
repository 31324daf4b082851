"""Stands in for `select`: as the port's own, but that waiting takes no time while time leaps.

A leap is given in milliseconds of the board's clock. As long as some of it is left, a wait for nothing is
over at once, though never shorter than STEP_MS, and an answer took ANSWER_MS: so all timers of the firmware
fire in their order, some of them late, as on a chip that is busy.

The event loop polls before each step of a task, so the time between two polls is the step's: the longest is
kept until somebody asks.
"""

from select import POLLERR, POLLHUP, POLLIN, POLLOUT  # noqa: F401
from select import poll as _poll
from time import ticks_diff as _ticks_diff
from time import ticks_us as _ticks_us

import clock
import link
import machine

_READER = 1  # its UART
_STEP_MS = 150
_ANSWER_MS = 80
_LOOK_MS = 500  # of the machine's time, for the reader's answer that is under way

_longest_us = 0


def longest_us():
    """Of a step since the last call."""
    global _longest_us
    longest, _longest_us = _longest_us, 0
    return longest


class poll:
    def __init__(self):
        self._real = _poll()
        self.modify = self._real.modify
        self.poll = self._real.poll
        self._reads = False  # the firmware waits for its reader
        self._left_us = _ticks_us()

    def register(self, stream, events):
        self._reads = self._reads or stream is machine._lines.get(_READER)
        self._real.register(stream, events)

    def unregister(self, stream):
        self._reads = self._reads and stream is not machine._lines.get(_READER)
        self._real.unregister(stream)

    def ipoll(self, timeout_ms=-1, flags=0):
        global _longest_us
        _longest_us = max(_longest_us, _ticks_diff(_ticks_us(), self._left_us))
        ready = self._wait(timeout_ms, flags)
        self._left_us = _ticks_us()
        return ready

    def _wait(self, timeout_ms, flags):
        if timeout_ms:
            link.poll()  # nothing else looks at it while the firmware waits
        if not clock.leaping():
            return self._real.ipoll(timeout_ms, flags)
        ready = self._real.poll(_LOOK_MS if timeout_ms and self._reads else 0)
        for event in ready:
            if event[0] is machine._lines.get(_READER):
                clock.pass_by(_ANSWER_MS)
        if not ready and timeout_ms > 0:
            clock.pass_by(max(timeout_ms, _STEP_MS))
        return ready
