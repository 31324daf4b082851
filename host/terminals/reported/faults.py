"""Whose fault an exception is."""

from host.cards.keeper import KeysAway
from host.db.connection import Kinds, faults, of_the_values


def away(*more: type[Exception]) -> Kinds:
    """What everything needs does not answer: nothing is wrong with a message, it is tried again."""
    return faults(MemoryError, KeysAway, *more)


class Doubtful(Exception):
    """A rule of the schema was broken: a worker was quicker, or a kiosk's epoch says less than is held."""


class Faulty(Exception):
    """The message at this place in the batch cannot be handled; the cause is the fault."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def is_the_messages(error: Exception) -> bool:
    """Is it the message's fault (or ours in handling it), and not that of disk, memory, database or token?"""
    if isinstance(error, faults()):
        return isinstance(error, of_the_values())
    return not isinstance(error, away())
