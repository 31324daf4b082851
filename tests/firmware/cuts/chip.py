"""A chip with its three partitions in memory: every flash operation is logged, and power can go at any.

Programming only clears bits, erasing sets a block to FF; what breaks that rule is a fault of the firmware.
Standing in for the module esp32: import this before hal.flash.
"""

import sys

from nor import BLOCK, WAYS, cut

SIZES = {"vfs": 24, "journal": 6, "romfs": 10}  # blocks; small, so that a day goes round the ring
_ERASED = b"\xff" * BLOCK


class PowerCut(BaseException):
    """Not an Exception, so that no handler of the firmware hides it."""


class Chip:
    """memory: {label: bytes}. `happens(label, at, new)` is told every operation, and may cut the power."""

    now = None  # the one that is switched on

    def __init__(self, memory=None, happens=None):
        self.memory = {}
        for label, blocks in SIZES.items():
            self.memory[label] = bytearray(memory[label] if memory else b"\xff" * (blocks * BLOCK))
        self.happens = happens or (lambda label, at, new: None)

    def after(self, label, at, new, way, seed):
        """The memory as a power cut during this operation leaves it."""
        memory = dict(self.memory)
        memory[label] = cut(self.memory[label], at, new, way, seed)
        return memory

    def apply(self, label, at, new):
        self.memory[label][at : at + len(new)] = new


class Partition:
    """As in esp32, of the chip that is on."""

    TYPE_DATA = 1

    def __init__(self, label):
        self.label = label

    @staticmethod
    def find(_type, label):
        return [Partition(label)] if label in SIZES else []

    def readblocks(self, block, buffer, offset=0):
        at = block * BLOCK + offset
        buffer[:] = memoryview(Chip.now.memory[self.label])[at : at + len(buffer)]

    def writeblocks(self, block, data, offset=None):
        if offset is None:
            self.ioctl(6, block)
        at = block * BLOCK + (offset or 0)
        old = int.from_bytes(Chip.now.memory[self.label][at : at + len(data)], "little")
        new = int.from_bytes(data, "little")
        assert old & new == new, "programmed what was not erased: %s at %d" % (self.label, at)
        self._operation(at, bytes(data))

    def ioctl(self, operation, argument):
        if operation == 4:
            return SIZES[self.label]
        if operation == 5:
            return BLOCK
        if operation == 6:
            self._operation(argument * BLOCK, _ERASED)
        return 0

    def _operation(self, at, new):
        Chip.now.happens(self.label, at, new)
        Chip.now.apply(self.label, at, new)


class Cutter:
    """Lets the power go at the operation that is `left` from now, in one way."""

    def __init__(self, left, way, seed):
        self.left, self.way, self.seed = left, way, seed
        self.memory = None  # after the cut

    def __call__(self, label, at, new):
        self.left -= 1
        if self.left == 0:
            self.memory = Chip.now.after(label, at, new, self.way, self.seed)
            raise PowerCut()


sys.modules["esp32"] = type("Esp32", (), {"Partition": Partition})

__all__ = ["SIZES", "WAYS", "Chip", "Cutter", "Partition", "PowerCut"]
