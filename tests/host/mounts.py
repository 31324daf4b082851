"""Disks that are full or read-only, for one test: mounts that no other process sees."""

import ctypes
import subprocess
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

CLONE_NEWNS = 0x0002_0000
SECONDS = 120.0


def apart(work: Callable[[], None]) -> None:
    """Run it in a thread with mounts of its own, which what it starts inherits and which end with it."""
    faults: list[BaseException] = []

    def run() -> None:
        try:
            if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS):
                raise OSError(ctypes.get_errno(), "unshare")
            mount("--make-rprivate", "/")
            work()
        except BaseException as error:
            faults.append(error)

    thread = threading.Thread(target=run, name="apart")
    thread.start()
    thread.join(SECONDS)
    assert not thread.is_alive(), "it does not end"
    for fault in faults:
        raise fault


def mount(*arguments: object) -> None:
    """mount(8); CalledProcessError."""
    subprocess.run(["mount", *map(str, arguments)], check=True, capture_output=True, timeout=20)


def disk(folder: Path, size: str) -> None:
    """A small empty disk here."""
    folder.mkdir()
    mount("-t", "tmpfs", "-o", f"size={size},mode=0700", "tapledger", folder)


def read_only(path: Path) -> None:
    """From now on this folder or file cannot be changed, by root neither."""
    mount("--bind", path, path)
    mount("-o", "remount,ro,bind", path)


@cache
def may_mount() -> bool:
    """Has this process the right to?"""
    try:
        with TemporaryDirectory() as folder:
            apart(lambda: disk(Path(folder) / "disk", "64k"))
    except (OSError, AttributeError, subprocess.SubprocessError):  # no right, no Linux, no mount(8)
        return False
    return True


def fill(folder: Path) -> Path:
    """A file that takes all the room there is."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        for size in (65536, 4096, 512):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return path
