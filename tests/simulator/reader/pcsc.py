"""A private pcscd with one virtual reader: no systemd, no socket or pid file outside a temporary folder."""

import contextlib
import ctypes.util
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

DRIVERS = ("/usr/lib/pcsc/drivers/serial/libifdvpcd.so", "/usr/lib/*/pcsc/drivers/serial/libifdvpcd.so")
# In its own mount namespace, as pcscd keeps a pid file in /run; it takes fd 3 as its socket.
START = 'mount -t tmpfs none /run && export LISTEN_FDS=1 LISTEN_PID=$$ && exec "$0" -f -c "$1"'
# Puts the listening socket on fd 3, which shells differ in.
AS_FD_3 = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.execvp(sys.argv[2], sys.argv[2:])"


def find_pcscd() -> str | None:
    return shutil.which("pcscd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def find_driver() -> Path | None:
    return next((hit for pattern in DRIVERS for hit in sorted(Path("/").glob(pattern[1:]))), None)


def skip_without_parts() -> tuple[str, Path]:
    """pcscd and driver; skips with what to install."""
    pcscd, driver = find_pcscd(), find_driver()
    if pcscd is None or driver is None:
        pytest.skip("needs apt packages pcscd vsmartcard-vpcd")
    if importlib.util.find_spec("smartcard") is None or not ctypes.util.find_library("pcsclite"):
        pytest.skip("needs apt packages libpcsclite-dev swig")
    return pcscd, driver


def private_mounts() -> list[str]:
    """How to start a program with mounts of its own: as root, or as root of a user namespace; else skips."""
    for way in (["unshare", "-m"], ["unshare", "-rm"]):
        trial = [*way, "mount", "-t", "tmpfs", "none", "/run"]
        if subprocess.run(trial, capture_output=True, check=False).returncode == 0:
            return way
    pytest.skip("a private mount namespace is not allowed here (unshare -m, -rm), so no private pcscd")


def free_port_pair() -> int:
    """A port that is free together with its neighbour, as vpcd listens on both."""
    while True:
        with contextlib.suppress(OSError, OverflowError), socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            second.bind(("127.0.0.1", port + 1))
            return port


@contextlib.contextmanager
def running_pcscd(folder: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yields vpcd's port and the environment of a client."""
    pcscd, driver = skip_without_parts()
    port = free_port_pair()
    (folder / "conf").mkdir()
    (folder / "conf" / "r").write_text(
        f'FRIENDLYNAME "Tapledger test"\nDEVICENAME /dev/null:0x{port:04X}\n'
        f"LIBPATH {driver}\nCHANNELID 0x{port:04X}\n"
    )
    listener = socket.socket(socket.AF_UNIX)
    path = str(folder / "s")
    listener.bind(path)
    listener.listen()

    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            AS_FD_3,
            str(listener.fileno()),
            *private_mounts(),
            "sh",
            "-c",
            START,
            pcscd,
            str(folder / "conf"),
        ],
        pass_fds=(listener.fileno(),),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_port(port, process)
        yield port, {**os.environ, "PCSCLITE_CSOCK_NAME": path}
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        listener.close()


def wait_for_port(port: int, process: "subprocess.Popen[bytes]", timeout_s: float = 10) -> None:
    """Until something listens; looks into the kernel's table, as connecting would insert a card."""
    wanted = f":{port:04X} "
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        assert process.poll() is None, f"pcscd ended with {process.returncode}"
        tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
        lines = [line for table in tables if table.exists() for line in table.read_text().splitlines()]
        if any(wanted in line and " 0A " in line for line in lines):
            return
        time.sleep(0.02)
    pytest.fail(f"vpcd does not listen on {port} after {timeout_s} s")


def run_client(script: str, environment: dict[str, str]) -> str:
    """Runs a pyscard program in a process of its own, since libpcsclite reads its socket's name only once."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
