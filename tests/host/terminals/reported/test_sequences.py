import random

import pytest

from host.terminals.reported import sequences
from host.terminals.reported.sequences import RANGES_MAX, Held
from tests.host.rig import Shop


def ranges_of(numbers: set[int]) -> tuple[int, list[list[int]]]:
    """By the plain way, number for number: the watermark, and what lies above it."""
    upto = next(n for n in range(len(numbers) + 1) if n + 1 not in numbers)
    above = {n for n in numbers if n > upto}
    first = sorted(n for n in above if n - 1 not in above)
    last = sorted(n for n in above if n + 1 not in above)
    return upto, [list(pair) for pair in zip(first, last, strict=True)]


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


@pytest.mark.parametrize("seed", range(3))
def test_the_table_is_what_was_taken_however_often_a_part_of_it_was_written(shop: Shop, seed: int) -> None:
    rng = random.Random(seed)
    shop.kiosk()
    numbers: dict[int, set[int]] = {1: set(), 2: set()}
    with shop.opened.database.write() as connection:
        stands = sequences.held(connection, [(1, 1), (1, 2)])
        for _ in range(150):
            for _ in range(rng.randrange(4)):
                epoch, number = rng.randrange(1, 3), rng.randrange(1, 90)
                stands[1, epoch].take(number)
                numbers[epoch].add(number)
            sequences.write(connection, stands)
            for epoch, held in numbers.items():
                rows = connection.execute(
                    "SELECT first, last FROM kiosk_ranges WHERE kiosk = 1 AND epoch = ? ORDER BY first",
                    (epoch,),
                )
                assert [list(row) for row in rows] == ranges_of(held)[1]


def test_of_many_ranges_only_those_that_changed_are_written() -> None:
    held = Held(0, [[number, number] for number in range(2, 2_000, 2)])
    for number in (5_000, 7, 1):
        held.take(number)
    assert held.changes() == ([2, 6, 8, 5_000], [[6, 8], [5_000, 5_000]])
    held.written()
    assert held.changes() == ([], [])


def test_a_kiosk_that_leaves_out_very_many_numbers_is_told_of_once_and_served_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequences, "RANGES_HELD_MAX", 5)
    shop.kiosk()
    for number in range(2, 30, 2):
        with shop.opened.database.write() as connection:
            stands = sequences.held(connection, [(1, 1)])
            stands[1, 1].take(number)
            sequences.write(connection, stands)
    assert shop.alarms() == ["numbers-scattered"]
    assert shop.look(sequences.held, [(1, 1)])[1, 1].ranges == [[n, n] for n in range(2, 30, 2)]
