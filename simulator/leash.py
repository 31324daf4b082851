"""A leash on child processes: when this simulator dies, even by SIGKILL, what it started dies too.

One small process reads process-group numbers from its standard input, `+N` to hold and `-N` to let go. The
pipe closes when the simulator is gone, whatever the reason; then every group still held gets SIGTERM and,
after a moment, SIGKILL. Works where Linux's parent-death signal does not: on macOS, and for children started
by a thread that ends before them.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time

_GRACE_S = 2.0


class Leash:
    """The simulator's end. Thread-safe: a line is one write."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__], stdin=subprocess.PIPE, start_new_session=True
        )

    def hold(self, group: int) -> None:
        """This process group is to die with us."""
        self._tell(b"+%d\n" % group)

    def release(self, group: int) -> None:
        """This process group has ended by itself: its number may be used again by others."""
        self._tell(b"-%d\n" % group)

    def close(self) -> None:
        """End the watching process; what is still held is ended with it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: bytes) -> None:
        if self._process.stdin is not None and not self._process.stdin.closed:
            os.write(self._process.stdin.fileno(), line)


def end_group(group: int, signal_number: int) -> bool:
    """Send a signal to a process group; False when nothing is left of it."""
    try:
        os.killpg(group, signal_number)
    except ProcessLookupError:
        return False
    except PermissionError:
        # macOS answers so for a group of which only a zombie is left.
        return False
    return True


def _watch() -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    held: set[int] = set()
    for line in sys.stdin.buffer:
        with contextlib.suppress(ValueError):
            number = int(line)
            held.add(number) if number > 0 else held.discard(-number)
    held = {group for group in held if end_group(group, signal.SIGTERM)}
    deadline = time.monotonic() + _GRACE_S
    while held and time.monotonic() < deadline:
        time.sleep(0.02)
        held = {group for group in held if end_group(group, 0)}
    for group in held:
        end_group(group, signal.SIGKILL)


if __name__ == "__main__":
    _watch()
