"""Whose fault an exception is."""

import sqlite3

import psycopg

from host.cards.keeper import KeysAway
from host.db.connection import BREACHES, FAULTS

# What a database says of a statement or a value, as opposed to its disk, its memory or its server.
OF_THE_VALUES = (
    *BREACHES,
    sqlite3.DataError,
    sqlite3.ProgrammingError,
    sqlite3.NotSupportedError,
    psycopg.DataError,
    psycopg.ProgrammingError,
    psycopg.NotSupportedError,
)


# What everything needs does not answer: nothing is wrong with a message, it is tried again.
AWAY = (*FAULTS, MemoryError, KeysAway)


class Doubtful(Exception):
    """A rule of the schema was broken: a worker was quicker, or a kiosk's epoch says less than is held."""


class Faulty(Exception):
    """The message at this place in the batch cannot be handled; the cause is the fault."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def is_the_messages(error: Exception) -> bool:
    """Is it the message's fault (or ours in handling it), and not that of disk, memory, database or token?"""
    if isinstance(error, FAULTS):
        return isinstance(error, OF_THE_VALUES)
    return not isinstance(error, AWAY)
