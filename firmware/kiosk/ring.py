"""A raw ring of 64-byte slots on its own flash partition.

Slots are programmed in order and blocks erased one by one ahead of the head, so the wear is even: three
slots a sale are 0.05 erases. A slot that a power cut tore is skipped; it never becomes another record. A
block that can't be erased, or doesn't keep what was written, is passed over.
"""

from kiosk import record

BLOCK = 4096
PER_BLOCK = BLOCK // record.SIZE
AHEAD = 8  # slots: a tap writes at most four, and another may come before it is idle again
CHUNK = 512  # bytes read at a time, when many slots are looked at
BLOCKS_PASSED_MAX = 3  # for one record; a chip that is that bad is at its end


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
        self._erased = self._tried = -1  # first serial of a block erased ahead; of one that was tried

    def read(self, serial: int) -> dict | None:
        """The record with this serial, None when it is torn or overwritten."""
        self._load(serial)
        values = record.unpack(self._buffer)
        return values if values and values["serial"] == serial else None

    def brief(self, serial: int) -> tuple | None:
        """The same in short: record.BRIEF."""
        self._load(serial)
        found = record.brief(self._buffer, 0)
        return found if found and found[0] == serial else None

    def find(self, wanted: bytes, place: int, first: int, end: int):  # type: ignore[no-untyped-def]
        """Yield the serial of every slot in that range that has these bytes at this place; it may be torn."""
        for serial, buffer in self.chunks(first, end):
            chunk = serial - serial % (CHUNK // record.SIZE)
            at = buffer.find(wanted)
            while at >= 0:
                found = chunk + at // record.SIZE
                if at % record.SIZE == place and serial <= found < end:
                    yield found
                at = buffer.find(wanted, at + 1)

    def chunks(self, serial: int, end: int):  # type: ignore[no-untyped-def]
        """Yield (serial, CHUNK bytes of slots in which it stands) for each piece of that range."""
        buffer = bytearray(CHUNK)
        per_chunk = CHUNK // record.SIZE
        while serial < end:
            at = serial % self.slots * record.SIZE // CHUNK * CHUNK
            self._device.readblocks(at // BLOCK, buffer, at % BLOCK)
            yield serial, buffer
            serial += per_chunk - serial % per_chunk

    def _load(self, serial: int) -> None:
        index = serial % self.slots
        self._device.readblocks(index // PER_BLOCK, self._buffer, index % PER_BLOCK * record.SIZE)

    def _find_head(self) -> int:
        newest = -1
        for block in range(self._blocks):
            for index in range(block * PER_BLOCK, block * PER_BLOCK + PER_BLOCK):
                self._load(index)
                found = record.brief(self._buffer, 0)
                if found:
                    if found[0] % self.slots == index and found[0] > newest:
                        newest = found[0]
                    break
                if self._buffer == record.BLANK:
                    break  # nothing was written behind a blank slot
        head: int = newest + 1
        while head % PER_BLOCK:
            self._load(head)
            if self._buffer == record.BLANK:
                break
            head += 1
        return head

    def oldest(self) -> int:
        """Serial from which slots may still be there."""
        return max(0, _block_end(self.head) - self.slots)

    def room(self, wanted: int) -> int:
        """Slots that can be written while every serial from `wanted` on is kept."""
        return wanted // PER_BLOCK * PER_BLOCK + self.slots - self.head

    def prepare(self, wanted: int) -> None:
        """Erase the next block ahead of need, when few slots are left in this one: while no card waits."""
        start = _block_end(self.head)
        if start in (self._erased, self._tried) or start - self.head >= AHEAD:
            return
        if start + PER_BLOCK - self.slots <= wanted // PER_BLOCK * PER_BLOCK:
            self._tried = start
            try:
                self._erase(start)
            except OSError:
                pass  # append() tries once more, and passes it over

    def _erase(self, start: int) -> None:
        self._device.ioctl(6, start % self.slots // PER_BLOCK)
        self._erased = start

    def append(self, values: dict, wanted: int) -> int:
        """Write a record -> its serial. Durable when this returns. RingFull before anything is lost; OSError
        when block after block is bad."""
        for _ in range(BLOCKS_PASSED_MAX + 1):
            if self.room(wanted) < 1:
                raise RingFull()
            serial = self.head
            try:
                if serial % PER_BLOCK == 0 and self._erased != serial:
                    self._erase(serial)
                self.head += 1  # even when the write fails half way: never program a slot twice
                values["serial"] = serial
                index = serial % self.slots
                data = record.pack(values)
                self._device.writeblocks(index // PER_BLOCK, data, index % PER_BLOCK * record.SIZE)
                if self.brief(serial) is not None:
                    return serial
                error = OSError("flash did not keep a record")
            except OSError as failed:
                error = failed
            print("journal: block %d is bad: %s" % (serial % self.slots // PER_BLOCK, error))
            self.head = _block_end(serial + 1)
        raise OSError("flash is worn out: replace the kiosk's board")


def _block_end(serial: int) -> int:
    """The first serial of a block that is not below this one."""
    return (serial + PER_BLOCK - 1) // PER_BLOCK * PER_BLOCK
