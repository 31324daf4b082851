"""Watermark and ranges say exactly what a set would."""

from hypothesis import given
from hypothesis import strategies as st

from protocol.wire.sequence import holds

# Of each range: how far it begins above the one before, and how many more it has.
STEPS = st.lists(st.tuples(st.integers(2, 9), st.integers(0, 9)), max_size=9)


@given(st.integers(0, 30), STEPS)
def test_agrees_with_a_set(upto: int, steps: list[tuple[int, int]]) -> None:
    held, ranges, end = set(range(1, upto + 1)), [], upto
    for gap, more in steps:
        ranges.append([end + gap, end + gap + more])
        end += gap + more
        held.update(range(end - more, end + 1))
    assert {n for n in range(1, end + 9) if holds(upto, ranges, n)} == held


def test_nothing_is_held_before_the_first() -> None:
    assert not holds(0, [], 1)
    assert holds(0, [[3, 4]], 3) and not holds(0, [[3, 4]], 5)
