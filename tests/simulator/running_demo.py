"""A demo running as `make run` starts it, and what tests ask of it."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
WAIT_S = 60.0


def command(data: Path) -> list[str]:
    """What `make run` starts, on a folder and a port of its own."""
    words = [sys.executable, "-m", "simulator", "demo", "--data", str(data)]
    return [*words, "--port", "0", "--no-open"]


class Demo:
    """A running demo and its address."""

    def __init__(self, data: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*command(data), *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        self.port = int(self.address.rpartition(":")[2] or 0)

    @property
    def started(self) -> bool:
        return self.port > 0

    def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """One request -> (status, headers, content). body: bytes as they are, else JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
            headers = {"Origin": self.address, "Content-Type": "application/json"} | headers
            connection.request(method, path, content, {k: v for k, v in headers.items() if v})
            answer = connection.getresponse()
            return answer.status, dict(answer.headers), answer.read()

    def events(self) -> Iterator[tuple[str, Any]]:
        """What an open page hears, for WAIT_S at most: the stream itself never ends."""
        deadline_s = time.monotonic() + WAIT_S
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", "/events")
            kind = ""
            for raw in connection.getresponse():
                assert time.monotonic() < deadline_s, f"nothing of what was waited for in {WAIT_S:.0f} s"
                line = raw.decode().rstrip("\n")
                if line.startswith("event: "):
                    kind = line[7:]
                elif line.startswith("data: "):
                    yield kind, json.loads(line[6:])

    def stop(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Signal it -> (exit code, all it said on standard error)."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors


def command_lines() -> Iterator[tuple[int, str]]:
    """(pid, command line) of every process; by `ps` on systems without /proc."""
    if not Path("/proc/self").exists():
        ps = subprocess.run(["ps", "-axo", "pid=,command="], capture_output=True, text=True, check=True)
        for line in ps.stdout.splitlines():
            pid, _, words = line.strip().partition(" ")
            yield int(pid), words
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            yield int(path.parent.name), path.read_bytes().replace(b"\0", b" ").decode(errors="replace")


def processes_on(data: Path) -> list[str]:
    """Command lines of processes that mention the data folder."""
    return [words for pid, words in command_lines() if str(data) in words and pid != os.getpid()]


def card(state: dict[str, Any], name: str) -> dict[str, Any]:
    return next(card for card in state["cards"] if card["name"] == name)


def wait_event(demo: Demo, kind: str, condition: Callable[[Any], object]) -> Any:
    for found, content in demo.events():
        if found == kind and condition(content):
            return content
    raise AssertionError("the stream ended")
