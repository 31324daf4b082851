"""A NOR flash in memory for journal tests: programming only clears bits, erasing sets a block.

`before(at, new)` is called ahead of each operation; `cut` gives the memory as a power cut during it leaves
it.
"""

BLOCK = 4096
WAYS = ("lost", "torn", "random", "done")


class Nor:
    """Block device of the extended protocol, as esp32.Partition is."""

    def __init__(self, blocks, memory=None, before=None):
        self.memory = memory if memory is not None else bytearray(b"\xff" * (BLOCK * blocks))
        self.blocks, self.before = blocks, before
        self.operations = self.erases = 0

    def readblocks(self, block, buffer, offset=0):
        at = block * BLOCK + offset
        buffer[:] = self.memory[at : at + len(buffer)]

    def writeblocks(self, block, data, offset=0):
        at = block * BLOCK + offset
        for i, byte in enumerate(data):
            assert self.memory[at + i] & byte == byte, "programmed a slot that was not erased"
        self._operation(at, bytes(data))

    def ioctl(self, operation, argument):
        if operation == 4:
            return self.blocks
        if operation == 6:
            self.erases += 1
            self._operation(argument * BLOCK, b"\xff" * BLOCK)
        return 0

    def _operation(self, at, new):
        self.operations += 1
        if self.before:
            self.before(at, new)
        self.memory[at : at + len(new)] = new


def cut(memory, at, new, way, seed):
    """A copy of the memory after the power went during the operation `new` at `at`, in one of four ways."""
    after = bytearray(memory)
    if way == "torn":
        new = new[: seed * 7919 % len(new)]
    elif way == "random":
        mixed = bytearray(new)
        for i in range(len(new)):
            seed = (seed * 1103515245 + 12345) % (1 << 31)
            mask = seed >> 16 & 0xFF
            mixed[i] = (after[at + i] & mask) | (new[i] & (mask ^ 0xFF))
        new = bytes(mixed)
    elif way == "lost":
        new = b""
    after[at : at + len(new)] = new
    return after
