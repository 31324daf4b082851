"""Stands in for the module `vfs` of the ESP32 port: the port's own, with the partition `romfs` in memory."""

import sys

import vfs
from vfs import *  # noqa: F403

_EINVAL = -22

# A buffer of the whole partition; set by the start script.
segment = None


def rom_ioctl(operation, number=0):
    """1: how many segments there are; 2: the segment `number`, something with a buffer."""
    if operation == 1:
        return 1
    return segment if operation == 2 else _EINVAL


def mount_first():
    """What the port does by itself before any of our code runs."""
    try:
        vfs.mount(vfs.VfsRom(segment), "/rom")
    except OSError:
        return
    sys.path.extend(("/rom", "/rom/lib"))
