"""Programs that run are found, and the processes that a server started."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from simulator.postgres_programs import children, found_programs


def test_programs_that_do_not_run_are_not_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for program in ("initdb", "postgres"):
        (tmp_path / program).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / program).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert shutil.which("postgres") == str(tmp_path / "postgres")
    assert tmp_path.resolve() not in found_programs()


WAYS = [Path("/proc"), *([Path("/missing")] if shutil.which("ps") else [])]


@pytest.mark.parametrize("proc", WAYS, ids=str)
def test_the_processes_that_one_started_are_found(proc: Path) -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        assert child.pid in children(os.getpid(), proc)
        assert os.getpid() not in children(os.getpid(), proc)
    assert child.pid not in children(os.getpid(), proc)
