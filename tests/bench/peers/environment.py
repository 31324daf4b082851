"""The environments that peers run in: build/peers/NAME, made by pip on demand. Nothing of it enters .venv."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
BUILD = Path(__file__).resolve().parents[3] / "build" / "peers"
_INSTALL_TIMEOUT_S = 300.0


class Unavailable(RuntimeError):
    """A peer cannot be measured on this machine; the sentence says why."""


def python_of(name: str, build: Path = BUILD, requirements: Path | None = None) -> Path:
    """The Python of an environment with what the peer's requirements.txt pins; Unavailable without one."""
    pins = requirements or HERE / name / "requirements.txt"
    folder = build / name
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
