import random

import pytest

from host.terminals import sequences
from host.terminals.sequences import RANGES_MAX, Held
from protocol.wire import sequence
from tests.host.rig import Shop


def ranges_of(numbers: set[int]) -> tuple[int, list[list[int]]]:
    """By the plain way: the watermark, and what lies above it."""
    return sequence.compact(sorted(numbers), 0)


@pytest.mark.parametrize("seed", range(20))
def test_numbers_in_any_order_are_held_as_a_set_of_them_would_be(seed: int) -> None:
    rng = random.Random(seed)
    held, numbers = Held(), set()
    for _ in range(120):
        number = rng.randrange(1, 60)
        held.take(number)
        numbers.add(number)
        assert (held.upto, held.ranges) == ranges_of(numbers)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_written_is_what_is_read_and_gaps_are_between(shop: Shop, seed: int) -> None:
    rng = random.Random(seed)
    shop.kiosk()
    numbers: set[int] = set()
    for _ in range(6):
        with shop.opened.database.write() as connection:
            stands = sequences.held(connection, [(1, 3)])
            for number in rng.sample(range(1, 40), 5):
                stands[1, 3].take(number)
                numbers.add(number)
            sequences.write(connection, stands)
            assert not stands[1, 3].moved
        read = shop.look(sequences.held, [(1, 3), (1, 9)])
        assert (read[1, 3].upto, read[1, 3].ranges) == ranges_of(numbers)
        assert (read[1, 9].upto, read[1, 9].ranges) == (0, [])
    missing = [
        number for gap in shop.look(sequences.gaps, 1) for number in range(gap["first"], gap["last"] + 1)
    ]
    assert missing == sorted(set(range(1, max(numbers))) - numbers)


def test_an_acknowledgement_carries_the_ranges_it_is_about_and_then_the_lowest() -> None:
    held = Held()
    for number in range(2, 2 + 4 * RANGES_MAX, 2):
        held.take(number)
    asked = 2 * RANGES_MAX + 40
    chosen = held.chosen([asked, 1, 10**6])
    assert len(chosen) == RANGES_MAX and [asked, asked] in chosen
    assert chosen[:-1] == held.ranges[: RANGES_MAX - 1]
