"""Flash partitions as block devices, and small files that are there whole or not at all."""

import os

import vfs
from esp32 import Partition


def partition(label: str) -> Partition:
    """The data partition of this name; RuntimeError when the chip was flashed without it."""
    found = Partition.find(Partition.TYPE_DATA, label=label)
    if not found:
        raise RuntimeError("flash has no partition '%s': flash the kiosk again" % label)
    return found[0]


def mount_root() -> None:
    """Mount littlefs at /. A partition never written to is formatted; any other fault is raised."""
    device = partition("vfs")
    head = bytearray(64)
    device.readblocks(0, head, 0)
    if head == b"\xff" * 64:
        vfs.VfsLfs2.mkfs(device)
    vfs.mount(vfs.VfsLfs2(device), "/")


def read_file(path: str) -> bytes | None:
    """Content of a small file, None when it is not there."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def write_file(path: str, data: bytes) -> None:
    """Replace a file: written beside, flushed, then renamed over (atomic on littlefs)."""
    beside = path + ".new"
    with open(beside, "wb") as file:
        file.write(data)
        file.flush()
    os.rename(beside, path)
