"""`python -m tests.bench`: measure, print a table, write build/bench.json. Exit 1 when a target is missed."""

import json
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import shop
from tests.bench.figures import Figure, table, write
from tests.simulator.running_demo import Demo

BUILD = Path(__file__).resolve().parents[2] / "build"


def _image() -> list[Figure]:
    manifest = json.loads((BUILD / "firmware" / "manifest.json").read_text(encoding="utf-8"))
    return [Figure("sum of .mpy sizes", round(manifest["mpy_bytes"] / 1024, 1), "KiB", 80)]


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


def main() -> int:
    """Run every benchmark."""
    with tempfile.TemporaryDirectory(prefix="tapledger-bench-") as folder:
        figures = [*shop.measure(Path(folder)), *_demo(Path(folder) / "demo"), *_image()]
    write(figures, BUILD / "bench.json")
    print(table(figures))
    return 0 if all(figure.ok for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
