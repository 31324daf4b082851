"""The short version of make soak, and that it would see a leak."""

from pathlib import Path

from tests.soak.__main__ import GROWTH_BYTES, grown
from tests.soak.day import Point, day


def test_a_kiosk_does_not_grow_with_its_taps(tmp_path: Path) -> None:
    points = list(day(tmp_path, 20, 20 * 4320, 1))
    assert [point.taps for point in points] == [10, 20]
    assert grown(points) <= GROWTH_BYTES, points


def test_a_leak_of_a_few_bytes_a_tap_is_seen() -> None:
    assert grown([Point(200, 90_000), Point(20_000, 90_000 + 20_000 * 8)]) > GROWTH_BYTES
