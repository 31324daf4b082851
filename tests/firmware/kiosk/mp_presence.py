"""One tap is served once: a card that lies there, a missed look, a quick second tap."""

MICROPYTHON_ONLY = True

import asyncio
import time

from kiosk import presence

A, B = (b"1234567", 0x20), (b"7654321", 0x20)


class Reader:
    def __init__(self):
        self.there = None

    async def find(self):
        return self.there


def looks(made, reader, there, times=1):
    reader.there = there
    return [asyncio.run(made.look()) for _ in range(times)]


def away(made, reader, ms):
    """The field is empty for this long; the reader looks at both ends."""
    looks(made, reader, None)
    made._since = time.ticks_add(made._since, -ms)  # the clock is moved, not waited for
    looks(made, reader, None)


def test_a_card_that_lies_there_is_served_once():
    reader = Reader()
    made = presence.Presence(reader)
    assert looks(made, reader, A, 5) == [True, False, False, False, False]
    assert (made.uid, made.sak) == A
    assert not made.gone


def test_a_missed_look_is_no_second_tap():
    reader = Reader()
    made = presence.Presence(reader)
    looks(made, reader, A)
    assert looks(made, reader, None, 3) == [False, False, False]
    assert looks(made, reader, A) == [False]
    away(made, reader, presence.ABSENT_MS - 50)
    assert looks(made, reader, A) == [False]


def test_a_card_that_was_away_is_a_new_tap():
    reader = Reader()
    made = presence.Presence(reader)
    looks(made, reader, A)
    away(made, reader, presence.ABSENT_MS + 50)
    assert made.gone
    assert looks(made, reader, A, 2) == [True, False]


def test_another_card_is_served_at_once():
    reader = Reader()
    made = presence.Presence(reader)
    looks(made, reader, A)
    assert looks(made, reader, B, 2) == [True, False]
    assert looks(made, reader, A) == [True]


def test_a_card_that_paid_nothing_may_try_again_at_once():
    reader = Reader()
    made = presence.Presence(reader)
    looks(made, reader, A)
    made.may_return()
    assert not made.gone
    assert looks(made, reader, A, 2) == [True, False]
