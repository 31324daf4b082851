"""Flash partitions as block devices, and small files that are there whole or not at all."""

import errno
import os

from esp32 import Partition

failed = ""  # which file could not be kept last, and why, until somebody has told it


def partition(label: str) -> Partition:
    """The data partition of this name; RuntimeError when the chip was flashed without it."""
    found = Partition.find(Partition.TYPE_DATA, label=label)
    if not found:
        raise RuntimeError("flash has no partition '%s': flash the kiosk again" % label)
    return found[0]


def read_file(path: str) -> bytes | None:
    """Content of a small file: None when it is not there, b"" when it is there and cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        return None if error.errno == errno.ENOENT else b""


def names() -> list:
    """Of the files there are."""
    return os.listdir("/")


def write_file(path: str, data: bytes) -> None:
    """Replace a file: written beside, flushed, then renamed over (atomic on littlefs)."""
    global failed
    beside = path + ".new"
    try:
        with open(beside, "wb") as file:
            file.write(data)
            file.flush()
        os.rename(beside, path)
    except OSError as error:
        failed = "%s: %s" % (path, error)
        raise


def remove_file(path: str) -> None:
    """Take a file away; nothing when it is not there."""
    try:
        os.remove(path)
    except OSError as error:
        if error.errno != errno.ENOENT:
            raise


def pieces(path: str, offset: int, size: int, step: int):  # type: ignore[no-untyped-def]
    """Yield `size` bytes of a file from `offset` on, `step` at a time; no more when they can't be read."""
    try:
        with open(path, "rb") as file:
            file.seek(offset)
            while size > 0:
                piece = file.read(min(step, size))
                if not piece:
                    return
                size -= len(piece)
                yield piece
    except OSError as error:
        print("flash: %s cannot be read: %s" % (path, error))
