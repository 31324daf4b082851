"""`python -m simulator scenario [-v] FILE...`: read all, then play each file in a world of its own.

Exit code 0: all expectations held. 1: some did not. 2: a line can't be read, nothing was run.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simulator.scenario.grammar import ScenarioError, Step, parse
from simulator.scenario.player import Player, Report
from simulator.world import TROUBLES, World


def run(files: list[Path], verbose: bool, seed: int, broker: str | None, keep: Path | None = None) -> int:
    """Play the files, print what there is to say -> exit code. `keep`: leave logs, books and flash there."""
    try:
        scenarios = [(path, parse(_read(path), str(path))) for path in files]
    except ScenarioError as error:
        print(error, file=sys.stderr)
        return 2
    whole = Report()
    for path, steps in scenarios:
        if verbose or len(scenarios) > 1:
            print(f"{path} (seed {seed})" if verbose else path, flush=True)
        with _folder(keep, path) as folder:
            report = _play(steps, folder, verbose, seed, broker)
        for failure in report.failures:
            print(failure, flush=True)
        whole.passed += report.passed
        whole.failures += report.failures
    print(f"{whole.passed} passed, {whole.failed} failed")
    return 1 if whole.failed else 0


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ScenarioError(
            str(path), 0, f"expected a file that can be read, found: {error.strerror}"
        ) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ScenarioError(str(path), line, "expected text in UTF-8") from None


@contextmanager
def _folder(keep: Path | None, file: Path) -> Iterator[Path]:
    if keep is not None:
        yield keep / f"{file.stem}-{time.strftime('%Y%m%d-%H%M%S')}"
        return
    with tempfile.TemporaryDirectory(prefix="tapledger-") as folder:
        yield Path(folder)


def _play(steps: list[Step], folder: Path, verbose: bool, seed: int, broker: str | None) -> Report:
    def tell(step: Step, took_ms: int, remark: str) -> None:
        print(
            f"  {took_ms:6d} ms  line {step.line}: {step.text}" + (f"  -> {remark}" if remark else ""),
            flush=True,
        )

    try:
        with World(folder, seed, broker) as world:
            return Player(world, tell if verbose else None).play(steps)
    except TROUBLES as error:
        return Report(failures=[f"the simulated world does not start: {error}"])
