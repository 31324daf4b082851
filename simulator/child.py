"""Child processes: each in a process group of its own; a sentence when one does not start or does not end."""

import contextlib
import pwd
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

from simulator.leash import Leash, end_group

ROOT = Path(__file__).resolve().parents[1]
_STOP_TIMEOUT_S = 8.0
_LOG_BYTES_MAX = 4_000_000


class ChildError(RuntimeError):
    """A process of the simulated world does not run; the sentence says which, why, and what to do."""


class RunAs(TypedDict, total=False):
    """The arguments of Popen that make a program run as somebody else."""

    user: int
    group: int
    extra_groups: list[int]


def run_as(user: str | None) -> RunAs:
    """As this user with its own group only, which takes root; None stays who we are."""
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def run_to_end(
    what: str,
    argv: list[str],
    timeout_s: float,
    good: tuple[int, ...] = (0,),
    cwd: Path = ROOT,
    user: str | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """Run argv to its end -> its standard output; ChildError: `what`, then its last line."""
    try:
        done = subprocess.run(
            argv,
            cwd=cwd,
            env=env,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout_s,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            **run_as(user),
        )
    except subprocess.TimeoutExpired:
        raise ChildError(f"{what}: it took longer than {timeout_s:g} s") from None
    except OSError as error:
        raise ChildError(f"{what}: {error}") from error
    if done.returncode not in good:
        raise ChildError(f"{what}: {_last_line(done.stderr) or _last_line(done.stdout) or 'no reason given'}")
    return done.stdout


class Child:
    """Starts, stops and kills one program. Its group is signalled, so workers go with their master."""

    def __init__(
        self,
        name: str,
        log: Path,
        leash: Leash,
        cwd: Path = ROOT,
        user: str | None = None,
        stop_signal: int = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.log = log
        self._leash = leash
        self._cwd = cwd
        self._user = user
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        process = self._process
        return process is not None and process.poll() is None

    @property
    def pid(self) -> int | None:
        """The process that was started last, until it is stopped or killed; it may have ended by itself."""
        return None if self._process is None else self._process.pid

    def start(self, argv: list[str], env: Mapping[str, str] | None = None) -> None:
        """Run argv, in our own environment unless `env` is another. A group of its own keeps the terminal's
        Ctrl-C away from it.
        """
        if self.alive:
            return
        self._sweep()
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES_MAX:
            self.log.replace(self.log.with_suffix(".old.log"))
        with self.log.open("ab") as out:
            try:
                self._process = subprocess.Popen(
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    cwd=self._cwd,
                    env=env,
                    start_new_session=True,
                    **run_as(self._user),
                )
            except OSError as error:
                raise ChildError(f"{self.name} does not start: {error}") from error
        self._leash.hold(self._process.pid)

    def stop(self) -> None:
        """The stop signal, and SIGKILL for what is left after some seconds. Safe to call twice."""
        if self._process is None:
            return
        end_group(self._process.pid, self._stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_TIMEOUT_S)
        self._sweep()

    def kill(self) -> None:
        """SIGKILL to the whole group, as if the machine had lost power."""
        self._sweep()

    def last_words(self) -> str:
        """The last line of the log, for an error sentence."""
        try:
            return _last_line(self.log.read_text(encoding="utf-8", errors="replace"))
        except OSError:
            return ""

    def _sweep(self) -> None:
        if self._process is None:
            return
        group = self._process.pid
        end_group(group, signal.SIGKILL)
        self._process.wait()
        self._leash.release(group)
        self._process = None


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]
