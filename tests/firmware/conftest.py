"""Firmware tests run by the interpreters that run the code: files mp_*.py, functions test_*.

Each function runs under real MicroPython and, unless the file says MICROPYTHON_ONLY = True, under CPython
too. A test is plain assertions; it imports the firmware as the chip does (`from kiosk import ...`).
"""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.micropython import micropython

ROOT = Path(__file__).resolve().parents[2]
RUNNER = Path(__file__).parent / "runner" / "run_one.py"
TIMEOUT_S = 60


class FirmwareTest(pytest.Item):
    """One function of one file under one interpreter."""

    def __init__(self, *, interpreter: str, test: str, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]
        self.interpreter, self.test = interpreter, test

    def runtest(self) -> None:
        name = self.interpreter
        program = micropython() if name == "micropython" else sys.executable
        paths = [str(ROOT / "firmware"), str(ROOT), str(self.path.parent)]
        variable = "MICROPYPATH" if name == "micropython" else "PYTHONPATH"
        if name == "micropython":
            paths.append(".frozen")
        done = subprocess.run(
            [program, str(RUNNER), self.path.stem, self.test],
            env={**os.environ, variable: ":".join(paths)},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"{name}: {done.stdout}{done.stderr}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.name


class FirmwareFile(pytest.File):
    """Functions named test_*, in the order they stand."""

    def collect(self) -> Iterator[FirmwareTest]:
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        only = any(
            isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "MICROPYTHON_ONLY"
            for node in tree.body
        )
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for interpreter in ("micropython",) if only else ("micropython", "cpython"):
                    yield FirmwareTest.from_parent(
                        self, name=f"{node.name}[{interpreter}]", interpreter=interpreter, test=node.name
                    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> FirmwareFile | None:
    if file_path.suffix == ".py" and file_path.name.startswith("mp_"):
        return FirmwareFile.from_parent(parent, path=file_path)
    return None
