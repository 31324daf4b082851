"""A raw ring of 64-byte slots on its own flash partition.

Slots are programmed in order and blocks erased one by one ahead of the head, so the wear is even: four
slots a sale are 0.06 erases. A slot that a power cut tore is skipped; it never becomes another record.
"""

from kiosk import record

BLOCK = 4096
PER_BLOCK = BLOCK // record.SIZE
AHEAD = 8  # slots: a tap writes at most four, and another may come before it is idle again


class RingFull(Exception):
    """The next block still holds a record that the host has not acknowledged."""


class Ring:
    """device: readblocks(n, buf, offset), writeblocks(n, buf, offset), ioctl(4 = blocks, 6 = erase)."""

    def __init__(self, device) -> None:  # type: ignore[no-untyped-def]
        self._device = device
        self._blocks = device.ioctl(4, 0)
        self.slots = self._blocks * PER_BLOCK
        self._buffer = bytearray(record.SIZE)
        self.head = self._find_head()  # serial of the next slot to write
        self._erased = -1  # serial of the first slot of a block erased ahead

    def read(self, serial: int) -> dict | None:
        """The record with this serial, None when it is torn or overwritten."""
        values = self._at(serial)
        return values if values and values["serial"] == serial else None

    def _at(self, serial: int) -> dict | None:
        self._load(serial)
        return record.unpack(self._buffer)

    def _load(self, serial: int) -> None:
        index = serial % self.slots
        self._device.readblocks(index // PER_BLOCK, self._buffer, index % PER_BLOCK * record.SIZE)

    def _find_head(self) -> int:
        newest = -1
        for block in range(self._blocks):
            for index in range(block * PER_BLOCK, block * PER_BLOCK + PER_BLOCK):
                values = self._at(index)
                if values is not None:
                    if values["serial"] % self.slots == index and values["serial"] > newest:
                        newest = values["serial"]
                    break
                if self._buffer == record.BLANK:
                    break  # nothing was written behind a blank slot
        if newest < 0:
            return 0
        head = newest + 1
        while head % PER_BLOCK:
            self._load(head)
            if self._buffer == record.BLANK:
                break
            head += 1
        return head

    def oldest(self) -> int:
        """Serial from which slots may still be there."""
        return max(0, (self.head + PER_BLOCK - 1) // PER_BLOCK * PER_BLOCK - self.slots)

    def room(self, wanted: int) -> int:
        """Slots that can be written while every serial from `wanted` on is kept."""
        return wanted // PER_BLOCK * PER_BLOCK + self.slots - self.head

    def prepare(self, wanted: int) -> None:
        """Erase the next block ahead of need, when few slots are left in this one: while no card waits."""
        start = (self.head + PER_BLOCK - 1) // PER_BLOCK * PER_BLOCK
        if self._erased == start or start - self.head >= AHEAD:
            return
        if start + PER_BLOCK - self.slots <= wanted // PER_BLOCK * PER_BLOCK:
            self._erase(start)

    def _erase(self, start: int) -> None:
        self._device.ioctl(6, start % self.slots // PER_BLOCK)
        self._erased = start

    def append(self, values: dict, wanted: int) -> int:
        """Write a record -> its serial. Durable when this returns. RingFull before anything is lost."""
        if self.room(wanted) < 1:
            raise RingFull()
        if self.head % PER_BLOCK == 0 and self._erased != self.head:
            self._erase(self.head)
        values["serial"] = self.head
        data = record.pack(values)
        serial = self.head
        self.head += 1  # even when the write fails half way: never program a slot twice
        index = serial % self.slots
        self._device.writeblocks(index // PER_BLOCK, data, index % PER_BLOCK * record.SIZE)
        if self.read(serial) is None:
            raise OSError("flash did not keep a record: replace the kiosk's board")
        return serial
