"""A chip with its three partitions in memory: every flash operation is told of, and power can go at any.

Programming only clears bits, erasing sets a block to FF; what breaks that rule is a fault of the firmware.
Standing in for the module esp32: import this before hal.flash.
"""

import hashlib
import sys

import vfs
from nor import BLOCK, WAYS, cut

SIZES = {"vfs": 24, "journal": 6, "romfs": 10}  # blocks; small, so that a day goes round the ring
_ERASED = b"\xff" * BLOCK


class Block:
    """4096 bytes that stay as they are: chips share them."""

    def __init__(self, data):
        self.data, self._digest = data, None

    def digest(self):
        if self._digest is None:
            self._digest = hashlib.sha256(self.data).digest()
        return self._digest


def digest(blocks):
    """Of a partition: the same for the same content."""
    return hashlib.sha256(b"".join([block.digest() for block in blocks])).digest()


_BLANK = Block(_ERASED)


class Chip:
    """state: {label: [Block, ...]}. `happens(label, index, at, new)` is told each operation ahead of it."""

    now = None  # the one that is switched on

    def __init__(self, state=None, happens=None):
        state = state or {label: [_BLANK] * count for label, count in SIZES.items()}
        self.state = {label: list(blocks) for label, blocks in state.items()}
        self.happens = happens or (lambda label, index, at, new: None)

    def after(self, label, index, at, new, way, seed):
        """The state as a power cut during this operation leaves it."""
        state = {label: list(blocks) for label, blocks in self.state.items()}
        state[label][index] = Block(cut(state[label][index].data, at, new, way, seed))
        return state

    def apply(self, label, index, at, new):
        blocks = self.state[label]
        blocks[index] = Block(cut(blocks[index].data, at, new, "done", 0))


class Partition:
    """As in esp32, of the chip that is on."""

    TYPE_DATA = 1

    def __init__(self, label):
        self.label, self._blocks = label, Chip.now.state[label]

    @staticmethod
    def find(_type, label):
        return [Partition(label)] if label in SIZES else []

    def readblocks(self, block, buffer, offset=0):
        buffer[:] = self._blocks[block].data[offset : offset + len(buffer)]  # thousands of times in a life

    def writeblocks(self, block, data, offset=None):
        if offset is None:
            self.ioctl(6, block)
            offset = 0
        old = int.from_bytes(self._blocks[block].data[offset : offset + len(data)], "little")
        new = int.from_bytes(data, "little")
        assert old & new == new, "programmed what was not erased: %s %d at %d" % (self.label, block, offset)
        self._operation(block, offset, bytes(data))

    def ioctl(self, operation, argument):
        if operation == 4:
            return SIZES[self.label]
        if operation == 5:
            return BLOCK
        if operation == 6:
            self._operation(argument, 0, _ERASED)
        return 0

    def _operation(self, block, offset, new):
        assert offset + len(new) <= BLOCK
        Chip.now.happens(self.label, block, offset, new)
        Chip.now.apply(self.label, block, offset, new)


class Vfs:
    """The module vfs for hal.flash; but no file is stamped with the time, so equal files are equal flash."""

    mount = vfs.mount

    class VfsLfs2:
        mkfs = vfs.VfsLfs2.mkfs

        def __new__(cls, device):
            return vfs.VfsLfs2(device, mtime=False)


sys.modules["esp32"] = type("Esp32", (), {"Partition": Partition})

__all__ = ["BLOCK", "SIZES", "WAYS", "Chip", "Partition", "Vfs", "digest"]
