"""Figures, the table a person reads and the file a program reads."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measured value. `target` is the most it may be, `floor` the least; None where there is none yet."""

    name: str
    value: float
    unit: str
    target: float | None = None
    floor: float | None = None
    ok: bool = field(init=False)

    def __post_init__(self) -> None:
        high = self.target is not None and self.value > self.target
        low = self.floor is not None and self.value < self.floor
        object.__setattr__(self, "ok", not high and not low)

    @property
    def wanted(self) -> str:
        """at most 4 ok; empty where nothing is wanted."""
        verdict = "ok" if self.ok else "MISSED"
        bounds = (("at most", self.target), ("at least", self.floor))
        return ", ".join(f"{word} {bound:g} {verdict}" for word, bound in bounds if bound is not None)


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that at least this share of all samples does not exceed."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def median_and_p99(
    name: str, samples_s: Sequence[float], baseline_s: float, target_ms: float
) -> list[Figure]:
    """Times in ms, and the median as a multiple of a baseline measured in the same run."""
    median = statistics.median(samples_s)
    return [
        Figure(f"{name}, median of {len(samples_s)}", round(median * 1000, 2), "ms", target_ms),
        Figure(f"{name}, p99", round(percentile(samples_s, 0.99) * 1000, 2), "ms"),
        Figure(f"{name}, median / fdatasync", round(median / baseline_s, 1), "x"),
    ]


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


def table(figures: Sequence[Figure]) -> str:
    """One line a figure."""
    width = max(len(figure.name) for figure in figures)
    lines = []
    for figure in figures:
        lines.append(
            f"{figure.name:<{width}}  {figure.value:>10g} {figure.unit:<6}  {figure.wanted}".rstrip()
        )
    return "\n".join(lines)


def write(figures: Sequence[Figure], path: Path) -> None:
    """build/bench.json: {"machine": ..., "figures": [{"name", "value", "unit", "target", "floor", "ok"}]}."""
    path.parent.mkdir(exist_ok=True)
    content = {"machine": machine(), "figures": [asdict(figure) for figure in figures]}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
