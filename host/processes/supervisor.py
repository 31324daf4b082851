"""`tapledger serve`: the process that the operator starts. It starts intake and web, and again what dies.

Books and keys are opened, port and socket bound here, so that what is wrong there is one sentence. Ends in
order: the web finishes its requests, then the intake writes and acknowledges what it has taken.
"""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType

import structlog

from host.installation import Installation
from host.processes import ingest, intake, ready
from host.processes.child import Child
from host.processes.settings import Settings

WEB_STOP_S = 12.0
INTAKE_STOP_S = 22.0
_log = structlog.get_logger()


class Supervisor:
    """Single-threaded on purpose: it forks."""

    def __init__(
        self,
        opened: Installation,
        broker: tuple[str, int],
        port: socket.socket,
        local: socket.socket,
        log_format: str,
        workers: int = 1,
        readers: tuple[str, ...] = (),
    ) -> None:
        self._opened = opened
        self._broker = broker
        self._port = port
        self._local = local
        self._log_format = log_format
        self._readers = readers
        self._ending = False
        self._ready, self._say_ready = os.pipe()
        self._lifeline, self._hold = os.pipe()
        self._wake, self._signalled = socket.socketpair()
        self.intake = Child("intake", self._start_intake)
        self.web = Child("web", self._start_web)
        self.ingest = [Child(f"ingest worker {n}", partial(self._start_ingest, n)) for n in range(1, workers)]

    def run(self, ready_file: Path | None) -> None:
        """Until SIGTERM or SIGINT; ready_file is written once both answer."""
        up = b""
        with self._signals():
            try:
                while not self._ending:
                    up += self._wait(self._start_due())
                    if (
                        ready_file is not None
                        and set(b"iw") <= set(up)
                        and up.count(b"n") >= len(self.ingest)
                    ):
                        ready.write(ready_file, self._port.getsockname()[1])
                        ready_file = None
                    for child in self._children:
                        code = child.reap()
                        if code is not None and not self._ending:
                            child.fell(code)
            finally:
                self._end()

    def _start_due(self) -> float | None:
        """Start who has to be; how long until the next, None when all run."""
        pauses = [child.start_when_due() for child in self._children]
        return min((pause for pause in pauses if pause is not None), default=None)

    @property
    def _children(self) -> list[Child]:
        return [self.intake, *self.ingest, self.web]

    @property
    def _ours(self) -> list[int]:
        """Descriptors that no forked child keeps."""
        return [self._hold, self._ready, self._port.fileno(), self._wake.fileno(), self._signalled.fileno()]

    def _start_intake(self) -> int:
        ends = (self._lifeline, self._say_ready)
        given = (self._opened, self._broker, self._local, bool(self.ingest), *ends)
        return intake.fork(intake.run, os.getpid(), self._ours, *given)

    def _start_ingest(self, writer: int) -> int:
        given = (self._opened, self._broker, writer, self._lifeline, self._say_ready)
        return intake.fork(ingest.run, os.getpid(), [*self._ours, self._local.fileno()], *given)

    def _start_web(self) -> int:
        descriptors = (self._port.fileno(), self._lifeline, self._say_ready)
        data = str(self._opened.data.resolve())
        settings = Settings(data, *descriptors, os.getpid(), self._log_format, self._readers)
        # -P and our own path: the very modules that run here, whatever lies in the working folder.
        command = [sys.executable, "-P", "-m", "host.processes.web", settings.to_argument()]
        path = os.pathsep.join(os.path.abspath(entry) for entry in sys.path)
        environment = {**os.environ, "PYTHONPATH": path}
        return _spawn(command, environment, descriptors)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Signals become bytes on a socket that the loop waits for."""
        self._wake.setblocking(False)
        self._signalled.setblocking(False)
        signal.set_wakeup_fd(self._signalled.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._end_soon)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        try:
            yield
        finally:
            signal.set_wakeup_fd(-1)

    def _end_soon(self, _number: int, _frame: FrameType | None) -> None:
        self._ending = True

    def _wait(self, timeout_s: float | None) -> bytes:
        """Until a signal, a child that is ready, or time; which children said so."""
        ends: list[socket.socket | int] = [self._wake, self._ready]
        readable, _, _ = select.select(ends, [], [], timeout_s)
        if self._wake in readable:
            with contextlib.suppress(BlockingIOError):
                self._wake.recv(4096)
        return os.read(self._ready, 4096) if self._ready in readable else b""

    def _end(self) -> None:
        if self.web.pid:
            os.kill(self.web.pid, signal.SIGTERM)
        self._await_end(self.web, WEB_STOP_S)
        os.close(self._hold)
        for child in (*self.ingest, self.intake):
            self._await_end(child, INTAKE_STOP_S)

    def _await_end(self, child: Child, timeout_s: float) -> None:
        deadline_s = time.monotonic() + timeout_s
        while child.pid and child.reap() is None:
            left_s = deadline_s - time.monotonic()
            if left_s <= 0:
                _log.error(f"the {child.name} process does not end; it is killed")
                os.kill(child.pid, signal.SIGKILL)
                deadline_s += timeout_s
            self._wait(max(left_s, 0.1))


def _spawn(command: list[str], environment: dict[str, str], descriptors: tuple[int, ...]) -> int:
    process = subprocess.Popen(command, env=environment, pass_fds=descriptors)
    process.returncode = 0  # Child waits for it
    return process.pid
