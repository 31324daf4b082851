"""Run by start.py on the board's flash: puts the files at arguments["bundle"] and ["device"] into the
littlefs.
"""

import vfs
from esp32 import Partition


def _is_erased(part):
    block = bytearray(4096)
    for number in (0, 1):
        part.readblocks(number, block)
        if any(byte != 0xFF for byte in block):
            return False
    return True


part = Partition.find(Partition.TYPE_DATA, label="vfs")[0]
try:
    vfs.mount(part, "/")
except OSError:
    # Only a flash that never held anything is formatted: a broken one is for a person to look at.
    if not _is_erased(part):
        raise
    vfs.VfsLfs2.mkfs(part)
    vfs.mount(part, "/")
for name in ("bundle", "device"):
    if name not in arguments:  # noqa: F821
        continue
    with posix.open(arguments[name], "rb") as source:  # noqa: F821
        content = source.read()
    with open("/%s.cbor" % name, "wb") as target:
        target.write(content)
vfs.umount("/")
