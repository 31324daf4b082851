"""The slot that does not run: erased, filled from the front, read back.

The header is programmed when the whole slot is erased, so a slot with a header is blank behind what was
written to it. That is how much of an image is there after a power cut; the block in which it ended is written
anew.
"""

import hashlib

import chooser
from protocol.wire.image import SIZE

_BLOCK = 4096
_STEP = 1024
_BLANK = b"\xff" * _STEP


def number() -> int:
    """The slot that an update goes to."""
    return 1 - chooser.running


def _place(slot: int, offset: int) -> tuple[int, int]:
    at = chooser.SLOTS_AT + slot * chooser.SLOT_BYTES + offset
    return at // _BLOCK, at % _BLOCK


def read(slot: int, offset: int, buffer) -> None:  # type: ignore[no-untyped-def]
    """Fill the buffer, which stays within a block."""
    block, at = _place(slot, offset)
    chooser.device().readblocks(block, buffer, at)


def header(slot: int) -> bytes:
    """What stands at its head."""
    buffer = bytearray(SIZE)
    read(slot, 0, buffer)
    return bytes(buffer)


def erase(slot: int, offset: int) -> None:
    """The block with this place. Some 45 ms on silicon, in which nothing else happens."""
    chooser.device().ioctl(6, _place(slot, offset)[0])


def write(slot: int, offset: int, data: bytes) -> None:
    """Program what lies within a row of 1024 bytes. OSError when flash did not keep it."""
    block, at = _place(slot, offset)
    chooser.device().writeblocks(block, data, at)
    found = bytearray(len(data))
    read(slot, offset, found)
    if found != data:
        raise OSError("flash did not keep what was written")


def is_blank(slot: int, offset: int) -> bool:
    """Is the block with this place erased?"""
    buffer = bytearray(_STEP)
    for step in range(offset, offset + _BLOCK, _STEP):
        read(slot, step, buffer)
        if buffer != _BLANK:
            return False
    return True


async def frontier(slot: int, end: int, pause) -> int:  # type: ignore[no-untyped-def]
    """The block to go on with: the last one of the first `end` bytes that has something, so it may be
    torn.
    """
    at = (end - 1) // _BLOCK * _BLOCK
    while at > 0 and is_blank(slot, at):
        at -= _BLOCK
        await pause()
    return at


async def digest(slot: int, end: int, pause) -> bytes:  # type: ignore[no-untyped-def]
    """SHA-256 of what flash holds between the header and `end`. pause() is awaited now and then."""
    whole, at = hashlib.sha256(), SIZE
    buffer = bytearray(_STEP)
    while at < end:
        step = memoryview(buffer)[: min(_STEP - at % _STEP, end - at)]
        read(slot, at, step)
        whole.update(step)
        at += len(step)
        await pause()
    return whole.digest()
