"""Skipped tests: the summary names the packages; where nothing may be skipped, a skip fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import conftest

CONFTEST = Path(__file__).with_name("conftest.py")
TESTS = """
import pytest

def test_passes():
    pass

@pytest.mark.skipif(True, reason="needs apt package mosquitto")
def test_broker():
    pass

def test_slot():
    pytest.skip("needs apt packages pcscd vsmartcard-vpcd")

def test_slot_again():
    pytest.skip("needs apt package pcscd: the daemon is missing")

@pytest.mark.xfail(reason="known", strict=True)
def test_known_fault():
    assert False
"""
MODULE_SKIP = 'import pytest\npytest.skip("needs apt package chromium", allow_module_level=True)\n'


def run(folder: Path, *options: str, no_skip: str = "0") -> subprocess.CompletedProcess[str]:
    """pytest over the files in `folder`, with our conftest and nothing else of the project."""
    (folder / "conftest.py").write_text(CONFTEST.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n")
    env = {**os.environ, "TAPLEDGER_NO_SKIP": no_skip}
    env.pop("PYTEST_ADDOPTS", None)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "."]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=env)


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_the_summary_names_what_to_install(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "test_a.py").write_text(TESTS)
    (tmp_path / "test_b.py").write_text(MODULE_SKIP)
    result = run(tmp_path, *options)
    assert result.returncode == 0, result.stdout
    assert (
        "To run the 4 skipped tests: apt install chromium mosquitto pcscd vsmartcard-vpcd"
        in result.stdout.splitlines()
    ), result.stdout


def test_long_files_are_there_and_first_for_several_workers(tmp_path: Path) -> None:
    root = CONFTEST.parents[1]
    for start in conftest.LONG_FIRST:
        folder, _, name = start.rpartition("/")
        assert any(file.name.startswith(name) for file in (root / folder).rglob("test_*.py")), start
    for file in ("bare/test_a.py", "relay/test_b.py"):
        (tmp_path / "tests" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tests" / file).write_text("def test_passes():\n    pass\n")
    said = run(tmp_path, "-vv", "-n", "1", "--dist", "loadfile", "--no-loadscope-reorder").stdout
    assert said.index("relay/test_b.py") < said.index("bare/test_a.py"), said


def test_no_line_when_no_package_would_help(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(
        'import pytest\ndef test_a():\n    pytest.skip("not on this system")\n'
    )
    assert "apt install" not in run(tmp_path).stdout


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_where_nothing_may_be_skipped_a_skip_fails(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "test_a.py").write_text(TESTS)
    result = run(tmp_path, *options, no_skip="1")
    assert result.returncode == 1
    assert "2 failed, 1 passed, 1 xfailed, 1 error" in result.stdout
    assert "TAPLEDGER_NO_SKIP=1 allows no skipped test" in result.stdout


def test_a_skipped_module_fails_there_too(tmp_path: Path) -> None:
    (tmp_path / "test_b.py").write_text(MODULE_SKIP)
    result = run(tmp_path, no_skip="1")
    assert result.returncode != 0
    assert "1 error" in result.stdout, result.stdout
