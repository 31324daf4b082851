"""`python -m tests.bench`: measure, print a table, write build/bench.json. Exit 1 when a target is missed."""

import json
import sys
import tempfile
from pathlib import Path

from tests.bench import shop
from tests.bench.figures import Figure, table, write

BUILD = Path(__file__).resolve().parents[2] / "build"


def _image() -> list[Figure]:
    manifest = json.loads((BUILD / "firmware" / "manifest.json").read_text(encoding="utf-8"))
    return [Figure("sum of .mpy sizes", round(manifest["mpy_bytes"] / 1024, 1), "KiB", 80)]


def main() -> int:
    """Run every benchmark."""
    with tempfile.TemporaryDirectory(prefix="tapledger-bench-") as folder:
        figures = [*shop.measure(Path(folder)), *_image()]
    write(figures, BUILD / "bench.json")
    print(table(figures))
    return 0 if all(figure.ok for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
