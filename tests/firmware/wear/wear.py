"""Run by MicroPython: erases of flash by sale, of three ways to keep a journal on a partition of 1 MB.

Each sale notes its intent, its result and that the customer was told, each durable at once, and is taken off
when the host has it. Prints: way, sales, erases in all, erases of the block that was erased most.
"""

import sys

import vfs

BLOCK, BLOCKS = 4096, 256
RECORD = b"a record of a sale, 64 bytes long: number, card, amount, MACs .."
SALES = int(sys.argv[1])


class Counting:
    """A partition in memory that counts the erases of each block."""

    def __init__(self):
        self.memory = bytearray(b"\xff" * (BLOCK * BLOCKS))
        self.erases = [0] * BLOCKS

    def readblocks(self, block, buffer, offset=0):
        at = block * BLOCK + offset
        buffer[:] = memoryview(self.memory)[at : at + len(buffer)]

    def writeblocks(self, block, data, offset=0):
        at = block * BLOCK + offset
        self.memory[at : at + len(data)] = data

    def ioctl(self, operation, argument):
        if operation == 6:
            self.erases[argument] += 1
            self.writeblocks(argument, b"\xff" * BLOCK)
        return {4: BLOCKS, 5: BLOCK}.get(operation, 0)


def ring(device, held):
    """The kiosk's journal; held: online, so that each sale is acknowledged at once."""
    from kiosk.journal import Journal

    journal = Journal(device, 1, 1)
    sale = {"uid": b"\x04123456", "issue": 1, "amount_fen": 100, "tmc": 1, "tmv": b"12345678"}
    for _ in range(SALES):
        journal.intent(sale)
        journal.done(sale)
        slots = [journal.next_report(0)[0]] if held else []
        journal.acknowledged(slots)  # before the screen says so, as online
        journal.shown()
        journal.prepare()


def files(device, _):
    """One small file a sale: replaced by its result, marked by a rename, removed."""
    vfs.VfsLfs2.mkfs(device)
    fs = vfs.VfsLfs2(device)
    for n in range(SALES):
        for name in ("/%d.new" % n, "/%d.done" % n):
            with fs.open(name, "wb") as file:
                file.write(RECORD)
        fs.rename("/%d.done" % n, "/%d.new" % n)
        fs.rename("/%d.new" % n, "/%d.told" % n)
        if n >= 5:  # a few are on their way
            fs.remove("/%d.told" % (n - 5))


def appended(device, _):
    """One file that grows, a record at a time; begun anew after 1000 sales."""
    vfs.VfsLfs2.mkfs(device)
    fs = vfs.VfsLfs2(device)
    file = fs.open("/journal", "wb")
    for n in range(SALES):
        if n % 1000 == 999:
            file.close()
            file = fs.open("/journal", "wb")
        for _ in range(3):
            file.write(RECORD)
            file.flush()
    file.close()


for name, way, held in (
    ("ring, online", ring, True),
    ("ring, offline", ring, False),
    ("one file a sale", files, True),
    ("one file that grows", appended, True),
):
    device = Counting()
    way(device, held)
    print("%s: %d %d %d" % (name, SALES, sum(device.erases), max(device.erases)))
