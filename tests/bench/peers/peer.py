"""A peer's program in its own environment: told what to time, a line at a time, so that runs interleave."""

import contextlib
import json
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_ANSWER_TIMEOUT_S = 120.0


class PeerError(RuntimeError):
    """A peer's program did not do what it was asked for; what it said is in the sentence."""


class Peer:
    """A program that reads lines `WAY COUNT` and answers each; see hordak/transfers.py."""

    def __init__(self, process: subprocess.Popen[bytes], program: Path, errors: IO[str]) -> None:
        self._process = process
        self._program = program
        self._errors = errors

    def seconds(self, way: str, count: int) -> float:
        """The time for so many, one after the other, each in its own durable transaction."""
        self.tell(f"{way} {count}")
        assert self._process.stdout is not None
        late = threading.Timer(_ANSWER_TIMEOUT_S, self._process.kill)
        late.start()
        try:
            answer = self._process.stdout.readline()
        finally:
            late.cancel()
        if not answer:
            self._process.wait()
            self._errors.seek(0)
            said = (self._errors.read().strip().splitlines() or ["it said nothing"])[-1]
            raise PeerError(f"{self._program} ended at {way!r}: {said}")
        return float(json.loads(answer)["seconds"])

    def tell(self, line: str) -> None:
        """One line for the program. Where it has ended, the answer that does not come says why."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{line}\n".encode())


@contextlib.contextmanager
def running(python: Path, program: Path, url: str) -> Iterator[Peer]:
    """The program from its first line, the database's URL, until the block ends."""
    argv = [str(python), "-I", str(program)]
    pipe = subprocess.PIPE
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as errors,
        subprocess.Popen(argv, bufsize=0, stdin=pipe, stdout=pipe, stderr=errors) as process,
    ):
        try:
            peer = Peer(process, program, errors)
            peer.tell(url)
            yield peer
        finally:
            process.kill()
