"""Run by the simulated board's start script in place of a firmware: no room is left in the file system."""

import vfs
from esp32 import Partition

vfs.mount(vfs.VfsLfs2(Partition.find(Partition.TYPE_DATA, label="vfs")[0]), "/")
number = 0
for size in (65536, 4096, 512, 64):  # what fails leaves less and less behind
    try:
        while True:
            number += 1
            with open("/rubbish%d" % number, "wb") as file:
                for _ in range(0, size, 64):
                    file.write(bytes(range(64)))
    except OSError:
        pass
vfs.umount("/")
