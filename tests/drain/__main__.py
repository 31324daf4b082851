"""make drain: 5,000 sales over 72 hours without a network, then the journal into the books."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.drain.shop import three_days

PER_S_MIN = 50


def main() -> int:
    """0 when every sale arrived, and fast enough."""
    parser = argparse.ArgumentParser(prog="make drain ARGS=")
    parser.add_argument("--sales", type=int, default=5000)
    parser.add_argument("--hours", type=int, default=72)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tapledger-drain-") as folder:
        found = three_days(Path(folder) / "shop", asked.sales, asked.hours)
    print(
        f"{found.records} sales in {asked.hours} h of the clock ({found.sold_s:.0f} s); "
        f"told at {found.per_s:.0f} a second"
    )
    return 0 if found.per_s >= PER_S_MIN else 1


if __name__ == "__main__":
    sys.exit(main())
