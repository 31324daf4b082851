"""NOR flash over an image file: programming only clears bits, erasing sets a block to FF, power can go at any
operation.

Each program and each erase is one operation of the chip. A cut armed at operation n lets n - 1 operations
happen whole and the n-th in part: a program stops after a prefix of its bytes, with some bits of the next
byte, an erase after a part of its block. What was written is in the image file, which outlives the process.
"""

import struct

import link

BLOCK_BYTES = 4096
_STEP_BYTES = 32
_ERASED = b"\xff" * _STEP_BYTES

OP_INIT = 1
OP_DEINIT = 2
OP_SYNC = 3
OP_BLOCK_COUNT = 4
OP_BLOCK_BYTES = 5
OP_ERASE = 6


class FlashFault(BaseException):
    """The firmware did what a NOR chip cannot: not an Exception, so that no handler of the firmware hides
    it.
    """


class PowerCut(BaseException):
    """Raised instead of freezing where a test drives the model inside its own process."""


class Chip:
    """Counts operations for all partitions and knows when the power goes."""

    def __init__(self, on_cut=None):
        self.operations = 0
        self._left = 0
        self._seed = 1
        self._dead = False
        self._on_cut = on_cut or self._freeze

    def arm(self, operation, seed):
        """Cut at the `operation`-th operation from now (1 = the next one, 0 = never)."""
        self._left = operation
        self._seed = (seed & 0xFFFFFFFF) or 1

    def begin(self):
        """One operation starts: True when it must be torn."""
        link.poll()
        if self._dead:
            self._on_cut(self)
        self.operations += 1
        if not self._left:
            return False
        self._left -= 1
        return self._left == 0

    def die(self):
        self._dead = True
        self._on_cut(self)

    def below(self, limit):
        """The next number of a xorshift generator, 0 <= n < limit; the firmware's own `random` stays
        untouched.
        """
        x = self._seed
        x ^= (x << 13) & 0xFFFFFFFF
        x ^= x >> 17
        x ^= (x << 5) & 0xFFFFFFFF
        self._seed = x
        return x % limit

    @staticmethod
    def _freeze(chip):
        link.send("C", struct.pack("<I", chip.operations))
        link.freeze()


class Nor:
    """One partition. `image` is an open file of `size_bytes` (bytes FF where erased), unbuffered."""

    def __init__(self, image, size_bytes, chip, index=0):
        self._image = image
        self._chip = chip
        self._index = index
        self.size_bytes = size_bytes
        self._step = bytearray(_STEP_BYTES)

    def read(self, address, buf):
        self._check(address, len(buf))
        self._image.seek(address)
        if self._image.readinto(buf) != len(buf):
            raise FlashFault("the flash image is shorter than its partition")

    def program(self, address, buf):
        self._check(address, len(buf))
        data = memoryview(buf)
        torn = self._chip.begin()
        self._only_clears(address, data)
        if torn:
            self._program_torn(address, data)
            self._chip.die()
        self._image.seek(address)
        self._image.write(data)
        self._tell(0, address, len(data))

    def erase(self, address):
        self._check(address, BLOCK_BYTES)
        if address % BLOCK_BYTES:
            self._fault(f"erase at {address}, which is no block boundary")
        end = address + BLOCK_BYTES
        torn = self._chip.begin()
        if torn:
            end = address + self._chip.below(BLOCK_BYTES // _STEP_BYTES + 1) * _STEP_BYTES
        self._image.seek(address)
        for _ in range((end - address) // _STEP_BYTES):
            self._image.write(_ERASED)
        if torn:
            self._chip.die()
        self._tell(1, address, BLOCK_BYTES)

    def _program_torn(self, address, data):
        whole = self._chip.below(len(data) + 1)
        self._image.seek(address)
        self._image.write(data[:whole])
        if whole < len(data):
            self._image.seek(address + whole)
            old = self._image.read(1)[0]
            self._image.seek(address + whole)
            self._image.write(bytes((old & (data[whole] | self._chip.below(256)),)))

    def _only_clears(self, address, data):
        step = self._step
        for start in range(0, len(data), _STEP_BYTES):
            part = data[start : start + _STEP_BYTES]
            old = memoryview(step)[: len(part)]
            self._image.seek(address + start)
            self._image.readinto(old)
            if old == _ERASED:
                continue
            wanted = int.from_bytes(part, "little")
            if int.from_bytes(old, "little") & wanted != wanted:
                self._fault(f"program at {address + start} sets bits that are cleared: erase first")

    def _check(self, address, length):
        if address < 0 or address + length > self.size_bytes:
            self._fault(f"{length} bytes at {address} of a partition of {self.size_bytes}")

    def _fault(self, text):
        text = f"flash partition {self._index}: {text}"
        link.send("X", text.encode())
        raise FlashFault(text)

    def _tell(self, kind, address, length):
        link.send("F", struct.pack("<BBII", self._index, kind, address, length))


class BlockDevice:
    """The block protocol of `vfs` on a partition, as esp32.Partition has it."""

    def __init__(self, nor):
        self._nor = nor

    def readblocks(self, block_num, buf, offset=0):
        self._nor.read(block_num * BLOCK_BYTES + offset, buf)

    def writeblocks(self, block_num, buf, offset=None):
        if offset is None:
            for block in range(block_num, block_num + (len(buf) + BLOCK_BYTES - 1) // BLOCK_BYTES):
                self._nor.erase(block * BLOCK_BYTES)
            offset = 0
        self._nor.program(block_num * BLOCK_BYTES + offset, buf)

    def ioctl(self, op, arg):
        if op in (OP_INIT, OP_DEINIT, OP_SYNC):
            return 0
        if op == OP_BLOCK_COUNT:
            return self._nor.size_bytes // BLOCK_BYTES
        if op == OP_BLOCK_BYTES:
            return BLOCK_BYTES
        if op == OP_ERASE:
            self._nor.erase(arg * BLOCK_BYTES)
            return 0
        return None
