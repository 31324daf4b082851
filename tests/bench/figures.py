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
    """One measured value. `target` is the most it may be, None where there is no target yet."""

    name: str
    value: float
    unit: str
    target: float | None = None
    ok: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ok", self.target is None or self.value <= self.target)


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
        target = (
            "" if figure.target is None else f"  at most {figure.target:g} {'ok' if figure.ok else 'MISSED'}"
        )
        lines.append(f"{figure.name:<{width}}  {figure.value:>10g} {figure.unit:<6}{target}".rstrip())
    return "\n".join(lines)


def write(figures: Sequence[Figure], path: Path) -> None:
    """build/bench.json: {"machine": ..., "figures": [{"name", "value", "unit", "target", "ok"}]}."""
    path.parent.mkdir(exist_ok=True)
    content = {"machine": machine(), "figures": [asdict(figure) for figure in figures]}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
