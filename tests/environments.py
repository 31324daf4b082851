"""Environments for programs of others that must not enter .venv, made by pip on demand in build/environments.

A program has a folder with a requirements.txt that pins each of its packages, as in tests/strangers/NAME.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BUILD = Path(__file__).resolve().parents[1] / "build" / "environments"
STRANGERS = Path(__file__).parent / "strangers"
_INSTALL_TIMEOUT_S = 300.0


class Unavailable(RuntimeError):
    """This machine has no such environment; the sentence says why."""


def python_of(home: Path, build: Path = BUILD) -> Path:
    """The Python of an environment with what the requirements.txt in `home` pins; Unavailable without one.

    Processes that ask at the same time wait for the one that makes it.
    """
    name, pins = home.name, home / "requirements.txt"
    build.mkdir(parents=True, exist_ok=True)
    with (build / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _made(name, pins, build / name)


def stranger(name: str) -> Path:
    """For tests: the Python of tests/strangers/NAME; the test is skipped (in CI: fails) without one."""
    try:
        return python_of(STRANGERS / name)
    except Unavailable as why:
        pytest.skip(str(why))


def _made(name: str, pins: Path, folder: Path) -> Path:
    python, stamp = folder / "bin" / "python", folder / "installed"
    mark = hashlib.sha256(pins.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == mark:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    _run(f"{name} has no environment", sys.executable, "-m", "venv", "--without-pip", folder)
    pip = (sys.executable, "-m", "pip", "--python", python, "install")
    quiet = ("--quiet", "--disable-pip-version-check", "--no-deps")
    _run(f"{name} cannot be installed", *pip, *quiet, "-r", pins)
    stamp.write_text(mark)
    return python


def _run(what: str, *command: str | Path) -> None:
    try:
        subprocess.run(
            [str(part) for part in command],
            check=True,
            capture_output=True,
            text=True,
            timeout=_INSTALL_TIMEOUT_S,
        )
    except subprocess.CalledProcessError as error:
        lines = (error.stderr or error.stdout).strip().splitlines()
        raise Unavailable(f"{what}: {lines[-1] if lines else error}") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{what}: {error}") from None
