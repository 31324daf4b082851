"""A demo that can't start says why in one sentence and leaves nothing behind."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulator.running_demo import ROOT

START_S = 40


def refused(*arguments: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "simulator", "demo", "--no-open", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=START_S,
        env=os.environ | environment,
    )
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    return done.returncode, done.stderr


def test_a_port_in_use_is_told_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, errors = refused("--data", str(tmp_path), PORT=str(port))
    assert code == 3
    assert f"port {port} is in use" in errors
    assert "PORT=" in errors
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("port", ["eighty", "-1", "65536", "８３"])
def test_a_port_that_is_none_is_told(tmp_path: Path, port: str) -> None:
    code, errors = refused("--data", str(tmp_path), PORT=port)
    assert code == 3
    assert "a port is a number from 0 to 65535" in errors


def test_a_data_folder_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    # A file in the way, because root may write to any folder.
    (tmp_path / "file").write_text("")
    code, errors = refused("--data", str(tmp_path / "file" / "data"), "--port", "0")
    assert code == 1
    assert "can't write to the data folder" in errors
    assert "--data" in errors


def test_a_broker_that_does_not_start_is_told(tmp_path: Path) -> None:
    # The mosquitto that is found first is one that can't run.
    fake = tmp_path / "bin" / "mosquitto"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\necho broken on purpose >&2\nexit 1\n")
    fake.chmod(0o755)
    path = f"{fake.parent}:{os.environ['PATH']}"
    code, errors = refused("--data", str(tmp_path / "data"), "--port", "0", PATH=path)
    assert code == 1
    assert "mosquitto did not start" in errors
    assert "broken on purpose" in errors
    assert "TAPLEDGER_BROKER=" in errors
