"""`python -m tests.bench [PART...]`: measure, print a table, write build/bench.json.

Exit 1 when a target is missed.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench import flood, history, ledger, on_postgres, shop, tap, wear
from tests.bench.figures import Figure, table, write
from tests.drain.shop import three_days
from tests.simulator.running_demo import Demo

BUILD = Path(__file__).resolve().parents[2] / "build"


def _image() -> list[Figure]:
    manifest = json.loads((BUILD / "firmware" / "manifest.json").read_text(encoding="utf-8"))
    largest = max(part["bytes"] for name, part in manifest["files"].items() if name.endswith(".mpy"))
    return [
        Figure("sum of .mpy sizes", round(manifest["mpy_bytes"] / 1024, 1), "KiB", 80),
        Figure("largest .mpy", round(largest / 1024, 1), "KiB", 8),
    ]


def _demo(folder: Path) -> list[Figure]:
    """What `make run` takes beyond make itself, new and again, until it prints its address."""
    figures = []
    for name in ("demo, first start", "demo, started again"):
        began = time.perf_counter()
        demo = Demo(folder)
        took_s = time.perf_counter() - began
        demo.stop()
        figures.append(Figure(name, round(took_s, 2), "s", 5))
    return figures


def _drain(folder: Path) -> list[Figure]:
    """How fast a kiosk's journal goes into the books when the network is back (all of 5,000: make drain)."""
    found = three_days(folder, sales=200, note=lambda _said: None)
    return [Figure("journal drained", round(found.per_s), "records/s", floor=50)]


PARTS: dict[str, Callable[[Path], list[Figure]]] = {
    "ledger": lambda folder: ledger.measure(folder / "ledger"),
    "flood": lambda folder: flood.measure(folder / "flood"),
    "postgres": lambda folder: on_postgres.measure(folder / "postgres"),
    "history": lambda folder: history.measure(folder / "history"),
    "shop": shop.measure,
    "tap": lambda folder: tap.measure(folder / "tap"),
    "demo": lambda folder: _demo(folder / "demo"),
    "wear": lambda _: wear.measure(),
    "drain": lambda folder: _drain(folder / "drain"),
    "image": lambda _: _image(),
}


def main() -> int:
    """Run every benchmark, or those that are named."""
    chosen = sys.argv[1:] or list(PARTS)
    unknown = set(chosen) - set(PARTS)
    if unknown:
        print(f"No part of the bench is called {', '.join(sorted(unknown))}: {', '.join(PARTS)}.")
        return 2
    with tempfile.TemporaryDirectory(prefix="tapledger-bench-") as folder:
        here = Path(folder)
        figures = [figure for part in chosen for figure in PARTS[part](here)]
    write(figures, BUILD / "bench.json")
    print(table(figures))
    return 0 if all(figure.ok for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
