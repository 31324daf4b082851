"""Run on a board's flash: one report that the host has not acknowledged, and no room behind it."""

import sys

import vfs
from esp32 import Partition

vfs.mount(posix, "/machine")  # noqa: F821
root = "/machine" + arguments["root"]  # noqa: F821
sys.path.extend([root + "/firmware", root])

from kiosk.journal import Journal  # noqa: E402

journal = Journal(Partition.find(Partition.TYPE_DATA, label="journal")[0], 1, 1)
assert not journal.foreign
journal.ask({"uid": b"\x04123456", "amount_fen": 100, "happened_s": 1_700_000_000})
journal.unknown()
while not journal.full():
    journal._checkpoint()
print("filled from", journal.tail, "to", journal.ring.head)
