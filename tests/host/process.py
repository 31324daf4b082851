"""The host as a process, as an operator runs it."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulator.leash import Leash, end_group
from tests.waiting import until

SECONDS = 60


def run(*args: str) -> "subprocess.CompletedProcess[str]":
    """`python -m host ARGS` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "host", *args], capture_output=True, text=True, timeout=SECONDS
    )


def refuses(code: int, *args: str) -> str:
    """Its one sentence on stderr."""
    done = run(*args)
    assert done.returncode == code, (done.returncode, done.stderr)
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


class Host:
    """A running `python -m host serve`."""

    def __init__(self, data: Path, broker_port: int, leash: Leash, *more: str) -> None:
        self.data = data
        self.ready = data / "ready.json"
        self.ready.unlink(missing_ok=True)
        self.log = (data / "host.log").open("ab")
        address = f"127.0.0.1:{broker_port}"
        command = [
            sys.executable,
            "-m",
            "host",
            "serve",
            "--data",
            str(data),
            "--port",
            "0",
            "--mqtt",
            address,
        ]
        self.process = subprocess.Popen(
            [*command, "--ready-file", str(self.ready), *more], stderr=self.log, start_new_session=True
        )
        self.leash = leash
        leash.hold(self.process.pid)
        until(lambda: self.ready.exists() or self.process.poll() is not None)
        assert self.ready.exists(), self.said()
        found = json.loads(self.ready.read_text())
        assert found["pid"] == self.process.pid
        self.port = found["port"]

    def open(self, path: str, body: object = None, timeout_s: float = SECONDS) -> Any:
        token = (self.data / "operator-token").read_text().strip()
        return urllib.request.urlopen(
            urllib.request.Request(
                f"http://127.0.0.1:{self.port}/api/v1{path}",
                data=None if body is None else json.dumps(body).encode(),
                headers={"Authorization": f"Bearer {token}"},
            ),
            timeout=timeout_s,
        )

    def get(self, path: str) -> Any:
        with self.open(path) as answer:
            return json.load(answer)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(SECONDS)

    def pid(self, name: str) -> int:
        """Of the process called so that was started last, as the log says."""
        found = re.findall(rf"the {name} process runs +pid=(\d+)", self.said())
        return int(found[-1])

    def kill(self, *names: str) -> None:
        """kill -9, and wait until others were started instead."""
        former = {name: self.pid(name) for name in names}
        for pid in former.values():
            os.kill(pid, signal.SIGKILL)
        until(lambda: all(self.pid(name) != pid for name, pid in former.items()))

    def said(self) -> str:
        return (self.data / "host.log").read_text()

    def close(self) -> None:
        end_group(self.process.pid, signal.SIGKILL)
        self.process.wait(SECONDS)
        self.leash.release(self.process.pid)
        self.log.close()


Start = Callable[..., Host]
