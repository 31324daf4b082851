"""Files that only their owner may read (0600), whole under their name or not there, wherever we die."""

import contextlib
import os
import secrets
from pathlib import Path

PARTIAL = ".part"


def write_new(path: Path, content: bytes) -> None:
    """A new file, on the disk when this returns. FileExistsError: one that is there is never overwritten."""
    partial = _written(path, content)
    try:
        os.link(partial, path)  # unlike a rename, never over a file that is there
    finally:
        partial.unlink()
    _remember(path.parent)


def replace(path: Path, content: bytes) -> None:
    """The same in place of the one that is there: until the swap the old one, then the new one. It belongs to
    whom the old one belonged: root renews a list that mosquitto reads. PermissionError when we may not.
    """
    partial = _written(path, content)
    try:
        _give_as(path, partial)
        os.replace(partial, path)
    except OSError:
        partial.unlink()
        raise
    _remember(path.parent)


def sweep(path: Path) -> None:
    """Remove what a process that was killed left beside this file. Nobody may be writing it."""
    for partial in path.parent.glob(f"{path.name}.*{PARTIAL}"):
        partial.unlink()


def _written(path: Path, content: bytes) -> Path:
    partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}{PARTIAL}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:  # a full disk: nothing half written stays
        with contextlib.suppress(OSError):
            partial.unlink()
        raise
    return partial


def _give_as(path: Path, partial: Path) -> None:
    try:
        there, ours = path.stat(), partial.stat()
    except FileNotFoundError:
        return
    if there.st_uid != ours.st_uid:
        os.chown(partial, there.st_uid, there.st_gid)


def _remember(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
