"""Run by start.py on the board's flash: puts the file at arguments["bundle"] into the littlefs as
/bundle.cbor.
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
with posix.open(arguments["bundle"], "rb") as source:  # noqa: F821
    bundle = source.read()
with open("/bundle.cbor", "wb") as target:
    target.write(bundle)
vfs.umount("/")
