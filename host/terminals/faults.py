"""Whose fault an exception is."""

from host.db.connection import BREACHES, FAULTS


def is_the_messages(error: Exception) -> bool:
    """Is it the message's fault (or ours in handling it), and not that of disk, memory or database?"""
    if isinstance(error, FAULTS):
        return isinstance(error, BREACHES)
    return not isinstance(error, MemoryError)
