"""The short version of make soak, and that it would see a leak."""

from pathlib import Path

from tests.soak.__main__ import GROWTH_BYTES, grown
from tests.soak.day import Point, day


def test_a_kiosk_does_not_grow_with_its_taps(tmp_path: Path) -> None:
    points = list(day(tmp_path, 40, 40 * 4320, 4))
    assert [point.taps for point in points] == [10, 20, 30, 40]
    assert grown(points) <= GROWTH_BYTES, points


def test_a_leak_of_a_byte_a_tap_is_seen_and_a_moment_is_not() -> None:
    leaking = [Point(taps, 90_000 + taps) for taps in range(200, 20_001, 1000)]
    assert grown(leaking) > GROWTH_BYTES
    assert grown([Point(10, 90_000), Point(20, 96_000), Point(30, 97_000), Point(40, 90_000)]) == 0
