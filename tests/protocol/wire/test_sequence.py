"""Watermark and ranges say exactly what a set would."""

from hypothesis import given
from hypothesis import strategies as st

from protocol.wire import messages
from protocol.wire.sequence import compact, count, holds

COUNTERS = st.lists(st.integers(1, 60))
PAIRS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 9)))


def single(counters: list[int]) -> list[list[int]]:
    return [[n, n] for n in sorted(counters)]


@given(PAIRS, st.integers(0, 30))
def test_ranges_that_touch_or_overlap_agree_with_a_set(pairs: list[tuple[int, int]], upto: int) -> None:
    given_pairs = sorted([first, first + more] for first, more in pairs)
    held = {n for first, last in given_pairs for n in range(first, last + 1)} | set(range(1, upto + 1))
    mark, ranges = compact(given_pairs, upto)
    assert {n for n in range(1, 80) if holds(mark, ranges, n)} == held
    assert (mark, ranges) == compact(single(list(held)), upto)


@given(COUNTERS, st.integers(0, 30))
def test_agrees_with_a_set(counters: list[int], upto: int) -> None:
    held = set(counters) | set(range(1, upto + 1))
    mark, ranges = compact(single(counters), upto)
    assert {n for n in range(1, 70) if holds(mark, ranges, n)} == held


@given(COUNTERS, st.integers(0, 30))
def test_is_as_short_as_can_be_and_fit_to_travel(counters: list[int], upto: int) -> None:
    mark, ranges = compact(single(counters), upto)
    ends = [mark, *(n for pair in ranges for n in pair)]
    assert ends[1:] == sorted(ends[1:])
    for (_, end), (start, _) in zip([[0, mark], *ranges], ranges, strict=False):
        assert start > end + 1
    if len(ranges) <= 64:
        messages.body(messages.ACK, nonce=bytes(8), epoch=1, upto=mark, ranges=ranges, verdicts=[])


@given(COUNTERS, st.integers(0, 30))
def test_how_many_are_held(counters: list[int], upto: int) -> None:
    assert count(*compact(single(counters), upto)) == len(set(counters) | set(range(1, upto + 1)))


@given(COUNTERS, COUNTERS)
def test_in_two_steps_as_in_one(first: list[int], second: list[int]) -> None:
    mark, ranges = compact(single(first), 0)
    assert compact(sorted(ranges + single(second)), mark) == compact(single(first + second), 0)


def test_one_missing_number_blocks_nothing() -> None:
    assert compact(single([1, 2, 4, 5, 9]), 0) == (2, [[4, 5], [9, 9]])
    assert compact([[3, 3]], 2) == (3, [])
    assert compact([], 7) == (7, [])
    assert compact(single([5, 5, 6]), 3) == (3, [[5, 6]])


def test_nothing_is_held_before_the_first() -> None:
    assert not holds(0, [], 1)
    assert holds(0, [[3, 4]], 3) and not holds(0, [[3, 4]], 5)
