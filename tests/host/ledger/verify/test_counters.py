import itertools
import random

from host.ledger.verify.counters import Span, holes, join, span


def joined(*parts: Span) -> tuple[list[Span], list[int], list[tuple[int, int, int, int]]]:
    spans: list[Span] = []
    twice, differ = [], []
    for part in parts:
        again, wrong = join(spans, list(part))
        twice += again
        differ += wrong
    return spans, twice, differ


def test_counters_join_in_whatever_order_they_come() -> None:
    parts = [span(tmc, -10, 1000 - 10 * tmc) for tmc in range(1, 6)]
    for order in itertools.permutations(parts):
        assert joined(*order) == ([[1, -10, 990, 5, 950]], [], [])


def test_a_value_that_does_not_follow_is_named_in_whatever_order() -> None:
    parts = [span(1, -10, 990), span(2, -10, 5), span(3, -10, 970)]
    for order in itertools.permutations(parts):
        spans, twice, differ = joined(*order)
        assert (spans, twice) == ([[1, -10, 990, 3, 970]], [])
        assert sorted(differ) == [(2, 990, -10, 5), (3, 5, -10, 970)]


def test_a_counter_that_comes_twice_is_named() -> None:
    parts = [span(tmc, -10, 1000 - 10 * tmc) for tmc in (1, 2, 3, 4)]
    for again in parts:
        assert joined(*parts, again)[1] == [again[0]]
    assert joined(span(4, 0, 0), span(4, 0, 0))[:2] == ([[4, 0, 0, 4, 0]], [4])


def test_holes_are_what_no_span_holds() -> None:
    assert holes([]) == []
    assert holes([[1, 0, 0, 5, 0]]) == []
    assert holes([[3, 0, 0, 3, 0], [5, 0, 0, 6, 0], [9, 0, 0, 9, 0]]) == [(1, 2), (4, 4), (7, 8)]


def test_any_order_of_many_gives_the_same_spans_as_a_set() -> None:
    source = random.Random(7)
    for _ in range(200):
        held = sorted(source.sample(range(1, 40), source.randrange(1, 30)))
        order = source.sample(held, len(held))
        spans, twice, differ = joined(*[span(tmc, -1, 100 - tmc) for tmc in order])
        assert [tmc for one in spans for tmc in range(one[0], one[3] + 1)] == held
        assert not twice and not differ
        assert all(one[3] + 1 < other[0] for one, other in itertools.pairwise(spans))
