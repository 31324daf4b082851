"""make soak: a day of 20,000 taps in the heap that CI allows."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.soak.day import Point, SoakError, day

GROWTH_BYTES = 1024  # of what lives, over the day: sizes of what is under way differ


def grown(points: list[Point]) -> int:
    """From the first half of the points to the second, in bytes: the least of each, since a collection now
    and then takes for used what is not, and a leak is in all that come after it.
    """
    half = len(points) // 2
    return min(point.live_bytes for point in points[half:]) - min(point.live_bytes for point in points[:half])


def main() -> int:
    """0 when the heap did not grow."""
    parser = argparse.ArgumentParser(prog="make soak ARGS=")
    parser.add_argument("--taps", type=int, default=20_000)
    parser.add_argument("--hours", type=int, default=24, help="of the kiosk's clock")
    given = parser.parse_args()
    began_s, points = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="soak") as folder:
        try:
            for point in day(Path(folder), given.taps, given.hours * 3_600_000, 20):
                points.append(point)
                took_s = time.monotonic() - began_s
                print(f"{point.taps} taps: {point.live_bytes} bytes live, {took_s:.0f} s", flush=True)
        except SoakError as error:
            print(f"it did not last: {error}", file=sys.stderr)
            return 1
    print(f"grown by {grown(points)} bytes, at most {GROWTH_BYTES}")
    return int(grown(points) > GROWTH_BYTES)


if __name__ == "__main__":
    sys.exit(main())
