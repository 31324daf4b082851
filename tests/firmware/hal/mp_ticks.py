"""Spans of time on a counter that goes round."""

MICROPYTHON_ONLY = True

from hal import ticks
from tests.firmware.chip_clock import ROUND_MS, ChipClock


def test_a_span_is_right_for_a_whole_round_of_the_counter():
    clock = ChipClock()
    for span_ms in (0, 1, 49, 50, 3_600_000, ROUND_MS // 2 - 1, ROUND_MS // 2, ROUND_MS - 1):
        began = ticks.now()
        clock.ms += span_ms
        assert ticks.since(began) == span_ms
