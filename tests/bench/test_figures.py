"""The arithmetic of the benchmark, on samples whose answer is known."""

import json
from pathlib import Path

from tests.bench.figures import Figure, median_and_p99, percentile, table, write


def test_percentile_is_a_sample_that_the_share_does_not_exceed() -> None:
    samples = [float(n) for n in range(1, 101)]
    assert percentile(samples, 0.99) == 99
    assert percentile(samples, 1.0) == 100
    assert percentile(samples, 0.5) == 50
    assert percentile([7.0], 0.99) == 7


def test_a_missed_target_is_said() -> None:
    figures = median_and_p99("tap", [0.1, 0.2, 0.3], baseline_s=0.1, target_ms=150)
    assert [figure.value for figure in figures] == [200, 300, 2]
    assert [figure.ok for figure in figures] == [False, True, True]
    assert "at most 150 MISSED" in table(figures)


def test_the_file_has_the_form_that_programs_read(tmp_path: Path) -> None:
    write([Figure("heap", 60, "KiB", 96), Figure("boot", 1, "ms")], tmp_path / "bench.json")
    read = json.loads((tmp_path / "bench.json").read_text())
    assert set(read) == {"machine", "figures"}
    assert read["figures"] == [
        {"name": "heap", "value": 60, "unit": "KiB", "target": 96, "floor": None, "ok": True},
        {"name": "boot", "value": 1, "unit": "ms", "target": None, "floor": None, "ok": True},
    ]
