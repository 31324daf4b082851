"""Run by the simulated board's start script in place of a firmware: the bundle in flash becomes noise."""

import vfs
from esp32 import Partition

vfs.mount(vfs.VfsLfs2(Partition.find(Partition.TYPE_DATA, label="vfs")[0]), "/")
with open("/bundle.cbor", "wb") as file:
    file.write(b"\xff" * 40)
vfs.umount("/")
