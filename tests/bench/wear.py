"""What a sale costs the flash, by the way its journal is kept, and how many years that lasts."""

import os
import re
import subprocess
from pathlib import Path

from tests.bench.figures import Figure
from tests.micropython import micropython

ROOT = Path(__file__).resolve().parents[2]
SALES, SALES_A_DAY = 5000, 2000
RATED_ERASES = 100_000  # of a block: Winbond W25Q32JV data sheet
BLOCKS = 256
YEARS_MIN = 20


def measure(sales: int = SALES) -> list[Figure]:
    """Erases a sale, and years until the block that is erased most has reached what it is rated for."""
    program = ROOT / "tests" / "firmware" / "wear" / "wear.py"
    said = subprocess.run(
        [micropython(), "-X", "heapsize=64M", str(program), str(sales)],
        env={**os.environ, "MICROPYPATH": f"{ROOT / 'firmware'}:{ROOT}:.frozen"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    figures = []
    for name, sold, erases, most in re.findall(r"^(.+): (\d+) (\d+) (\d+)$", said, re.MULTILINE):
        is_ring = name.startswith("ring")
        worst = int(erases) / BLOCKS if is_ring else int(most)  # a ring erases one block after the other
        years = RATED_ERASES / (worst / int(sold) * SALES_A_DAY) / 365
        figures += [
            Figure(f"{name}, erases a sale", round(int(erases) / int(sold), 3), ""),
            Figure(f"{name}, life", round(years, 1), "years", floor=YEARS_MIN if is_ring else None),
        ]
    return figures
