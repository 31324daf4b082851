"""One tap is served once: a card that lies there, a missed look, a restart, two cards in one wallet."""

MICROPYTHON_ONLY = True

import asyncio

from kiosk import presence
from tests.firmware.chip_clock import ROUND_MS, ChipClock

A, B = (b"1234567", 0x20), (b"7654321", 0x20)
BOTH = (b"", 0)
CLOCK = ChipClock()


class Reader:
    def __init__(self):
        self.there = None

    async def find(self):
        return self.there


def made():
    """A presence that has seen the field empty, as after a boot without a card, and its reader."""
    reader = Reader()
    new = presence.Presence(reader)
    looks(new, reader, None, presence.GAP_LOOKS)
    return new, reader


def looks(new, reader, there, times=1):
    reader.there = there
    return [asyncio.run(new.look()) for _ in range(times)]


def away(new, reader, ms, times=presence.ABSENT_LOOKS):
    """The field is empty for this long, looked at so often."""
    looks(new, reader, None)
    CLOCK.ms += ms
    looks(new, reader, None, times - 1)


def test_a_card_that_lies_there_is_served_once():
    new, reader = made()
    assert looks(new, reader, A, 5) == [True, False, False, False, False]
    assert (new.uid, new.sak) == A
    assert not new.gone and not new.resting
    looks(new, reader, A, presence.RESTING_LOOKS)
    assert new.resting
    looks(new, reader, None)
    assert not new.resting


def test_the_card_served_before_a_restart_may_still_lie_there():
    reader = Reader()
    new = presence.Presence(reader, A[0])
    assert looks(new, reader, A, 3) == [False, False, False]
    away(new, reader, presence.ABSENT_MS + 50)
    assert looks(new, reader, A) == [True]
    assert looks(presence.Presence(reader, A[0]), reader, B) == [True]
    assert looks(presence.Presence(reader), reader, A) == [True]


def test_a_missed_look_is_no_second_tap():
    new, reader = made()
    looks(new, reader, A)
    assert looks(new, reader, None, 3) == [False, False, False]
    assert looks(new, reader, A) == [False]
    away(new, reader, presence.ABSENT_MS - 50)
    assert looks(new, reader, A) == [False]


def test_a_card_counts_as_away_until_it_is_seen_not_until_the_last_look_without_it():
    new, reader = made()
    looks(new, reader, A)
    away(new, reader, presence.ABSENT_MS - 20)
    CLOCK.ms += 40
    assert looks(new, reader, A) == [True]


def test_time_in_which_nobody_looked_is_no_absence():
    new, reader = made()
    looks(new, reader, A)
    away(new, reader, 10 * presence.ABSENT_MS, times=presence.ABSENT_LOOKS - 1)
    assert looks(new, reader, A) == [False]


def test_a_card_that_was_away_is_a_new_tap():
    new, reader = made()
    looks(new, reader, A)
    away(new, reader, presence.ABSENT_MS + 50)
    assert new.gone
    assert looks(new, reader, A, 2) == [True, False]


def test_a_card_is_a_new_tap_however_long_the_shop_was_closed():
    for closed_ms in (86_400_000, ROUND_MS * 2 // 3, ROUND_MS):
        new, reader = made()
        looks(new, reader, A)
        away(new, reader, presence.ABSENT_MS + 50)
        CLOCK.ms += closed_ms - presence.ABSENT_MS
        assert looks(new, reader, A, 2) == [True, False], closed_ms


def test_another_card_is_served_once_the_field_was_empty():
    new, reader = made()
    looks(new, reader, A)
    assert looks(new, reader, B, 2) == [False, False]  # it lay there with the first
    looks(new, reader, None, presence.GAP_LOOKS)
    assert looks(new, reader, B, 2) == [True, False]


def test_of_two_cards_none_is_served_and_it_is_told_once():
    new, reader = made()
    assert looks(new, reader, BOTH, 3) == [True, False, False]
    assert new.two
    assert looks(new, reader, A, 2) == [False, False]  # the other was taken away: lift this one too
    looks(new, reader, None, presence.GAP_LOOKS)
    assert looks(new, reader, A) == [True]
    assert not new.two


def test_a_card_that_paid_nothing_may_try_again_at_once():
    new, reader = made()
    looks(new, reader, A)
    new.may_return()
    assert looks(new, reader, A, 2) == [True, False]
