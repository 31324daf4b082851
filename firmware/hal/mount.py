"""The file system of the kiosk, mounted when it starts."""

import errno

import vfs
from esp32 import Partition

from hal.flash import partition


def _is_unused(device: Partition) -> bool:
    """Was nothing ever put there but littlefs' own two blocks, in whatever state a power cut left these?"""
    block = bytearray(4096)
    for number in range(2, device.ioctl(4, 0)):
        device.readblocks(number, block)
        if block.count(b"\xff") != len(block):
            return False
    return True


def mount_root() -> None:
    """Mount littlefs at /. Only a partition that holds no file is formatted, or one whose formatting was cut
    short: a broken one, OSError, may still hold what a person can save."""
    device = partition("vfs")
    try:
        vfs.mount(vfs.VfsLfs2(device), "/")
    except OSError as error:
        if error.errno == errno.EPERM:
            return  # MicroPython's own _boot.py has mounted it
        if not _is_unused(device):
            raise OSError("flash has a damaged file system (%s): erase it to begin anew" % error)
        vfs.VfsLfs2.mkfs(device)
        vfs.mount(vfs.VfsLfs2(device), "/")
