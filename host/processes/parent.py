"""A process that the supervisor started does not outlive it."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Be killed when the process `parent`, which started this one, dies. Linux only: elsewhere the lifeline,
    a pipe of which the supervisor holds the other end, tells."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we could say so
        os._exit(1)


def outlived(lifeline: int) -> None:
    """Return when the supervisor has let go of the lifeline, or is dead."""
    os.read(lifeline, 1)  # nobody writes there: it ends
