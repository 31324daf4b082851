"""Thousands that wait cost no memory each, and no time that grows with them: reads of flash are counted."""

MICROPYTHON_ONLY = True

import gc

from kiosk.journal import Journal
from kiosk.ring import CHUNK, RingFull

BLOCK, BLOCKS = 4096, 256
MEMORY_MAX = 4096  # bytes on a 64-bit port; 2 KB of that are a bit for each slot
BLANK = b"\xff" * BLOCK


class Device:
    """A partition of 1 MB that has memory only for what was written; counts reads."""

    def __init__(self):
        self.blocks, self.reads = {}, 0

    def readblocks(self, block, buffer, offset=0):
        self.reads += 1
        buffer[:] = memoryview(self.blocks.get(block, BLANK))[offset : offset + len(buffer)]

    def writeblocks(self, block, data, offset=0):
        if block not in self.blocks:
            self.blocks[block] = bytearray(BLANK)
        self.blocks[block][offset : offset + len(data)] = data

    def ioctl(self, operation, argument):
        if operation == 6:
            self.blocks.pop(argument, None)
        return BLOCKS


def card(n):
    return b"\x04%06d" % (n % 900)


def filled(device):
    """-> how many sales fit until the kiosk must refuse."""
    journal, sold = Journal(device, 5, 1), 0
    sale = {"issue": 1, "amount_fen": 100, "tmc": 1, "tmv": b"12345678", "value_fen": 9, "happened_s": 7}
    try:
        while True:
            sale["uid"] = card(sold)
            journal.intent(sale)
            journal.done(sale)
            journal.shown()
            sold += 1
    except RingFull:
        return sold


def reads(device, call, *args):
    before = device.reads
    result = call(*args)
    return device.reads - before, result


def test_five_thousand_sales_wait_without_memory_and_are_told_in_one_walk():
    device = Device()
    sold = filled(device)
    assert sold >= 5000, sold
    gc.collect()
    before = gc.mem_alloc()
    boot, journal = reads(device, Journal, device, 5, 1)
    gc.collect()
    assert gc.mem_alloc() - before < MEMORY_MAX, gc.mem_alloc() - before
    assert (journal.pending, journal.exposed_fen, journal.full()) == (sold, 100 * sold, True)
    assert boot <= BLOCKS + BLOCKS * BLOCK // CHUNK + 10, boot
    looked, exposed = reads(device, journal.exposed_of, card(3))
    assert exposed == (100 * exposed[1], (sold - 4) // 900 + 1)
    assert looked <= BLOCKS * BLOCK // CHUNK + 3 * exposed[1], looked
    told, slot = 0, 0
    before = device.reads
    while True:
        report = journal.next_report(slot)
        if report is None:
            break
        slot, told = report[0] + 1, told + 1
    assert (told, device.reads - before) == (sold, sold)
