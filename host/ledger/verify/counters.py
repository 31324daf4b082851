"""A card's counters as spans: what was booked in a row takes no more room than one entry.

So a card's whole history is known by where it begins and ends, in whatever order its counters were booked.
"""

from bisect import bisect_left

# first counter, its change and the value after it, last counter, the value after it. A list: it grows.
Span = list[int]


def span(tmc: int, change_fen: int, value_fen: int) -> Span:
    """One counter alone."""
    return [tmc, change_fen, value_fen, tmc, value_fen]


def join(spans: list[Span], new: Span) -> tuple[list[int], list[tuple[int, int, int, int]]]:
    """Put a span into a card's, which rise and do not touch.

    -> (counters that were there already, values that do not follow: [(tmc, value before, change, value)])
    """
    at = bisect_left(spans, new[0], key=lambda held: held[0])
    twice: list[int] = []
    differ: list[tuple[int, int, int, int]] = []
    if at and spans[at - 1][3] >= new[0] - 1:
        at -= 1
        twice, differ = _meet(spans[at], new)
    else:
        spans.insert(at, new)
    here = spans[at]
    while at + 1 < len(spans) and spans[at + 1][0] <= here[3] + 1:
        again, wrong = _meet(here, spans.pop(at + 1))
        twice, differ = twice + again, differ + wrong
    return twice, differ


def _meet(low: Span, high: Span) -> tuple[list[int], list[tuple[int, int, int, int]]]:
    """Let low take in high, which begins inside it or right behind it."""
    twice, differ = [], []
    if high[0] <= low[3]:
        twice.append(high[0])
    elif low[4] + high[1] != high[2]:
        differ.append((high[0], low[4], high[1], high[2]))
    if high[3] > low[3]:
        low[3], low[4] = high[3], high[4]
    return twice, differ


def holes(spans: list[Span]) -> list[tuple[int, int]]:
    """[(first, last)] of the counters from 1 on that are in no span."""
    found, expected = [], 1
    for first, _, _, last, _ in spans:
        if first > expected:
            found.append((expected, first - 1))
        expected = last + 1
    return found
