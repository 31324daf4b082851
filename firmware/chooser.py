"""Chooses the slot whose firmware runs. Frozen into MicroPython, below what an update can replace: what is
wrong here is mended with a cable alone, so it does little, and its names and its record stay as they are.

The partition `romfs` is the one that the ESP32 maps into memory. In it: two blocks for the slot record, by
turns; then two slots of SLOT_BYTES, each a header (protocol/wire/image.py) and a ROM file system.

    "TLS1" | counter u32 | active, left, reason, 0 u8 | floor, attempt, failed u32 | CRC-32

`left`: what the active slot still has to prove itself, or PROVEN. A start takes STARTED of it, one after the
power was gone only one: a shop's mains are no fault of a firmware, unless it draws so much that they fail
each time. The valid copy with the higher
counter counts, and the other one is written next, so a cut leaves the state before or the state after.
"""

import struct
import sys
import time
from binascii import crc32

import machine
import vfs
from esp32 import Partition
from micropython import const

BLOCK = 4096
SLOTS_AT = 2 * BLOCK
SLOT_BYTES = 63 * BLOCK
HEADER = 64
PROVEN = 255
TRIES, STARTED = 24, 8  # three starts
ACTIVE, LEFT, REASON, FLOOR, ATTEMPT, FAILED = 1, 2, 3, 4, 5, 6  # places in a record; 0 is its counter
DEAD = 1  # reason: it did not come up within its starts; other reasons are the firmware's

_FORM = const("<4sIBBBBIII")
_SIZE = const(24)
_WATCHDOG_MS = const(30_000)

running = 0  # the slot that was mounted


def device() -> Partition:
    """The partition; RuntimeError when the chip was flashed without it."""
    found = Partition.find(Partition.TYPE_DATA, label="romfs")
    if not found:
        raise RuntimeError("flash has no partition 'romfs': flash the kiosk again")
    return found[0]


def load() -> list:
    """The record in force: [counter, active, left, reason, floor, attempt, failed]; as flashed when there is
    none.
    """
    best = [0, 0, PROVEN, 0, 0, 0, 0]
    raw = bytearray(_SIZE + 4)
    for block in (0, 1):
        device().readblocks(block, raw, 0)
        magic, counter, active, left, reason, _, *rest = struct.unpack_from(_FORM, raw)
        (crc,) = struct.unpack_from("<I", raw, _SIZE)
        if magic == b"TLS1" and crc == crc32(memoryview(raw)[:_SIZE]) and counter > best[0] and active < 2:
            best = [counter, active, left, reason] + rest
    return best


def store(record: list) -> None:
    """Keep a record that load() gave, changed; in force when this returns. OSError when flash does not keep
    it.
    """
    record[0] += 1
    raw = struct.pack(
        _FORM, b"TLS1", record[0], record[1], record[2], record[3], 0, record[4], record[5], record[6]
    )
    raw += struct.pack("<I", crc32(raw))
    block, read = record[0] & 1, bytearray(len(raw))
    device().ioctl(6, block)
    device().writeblocks(block, raw, 0)
    device().readblocks(block, read, 0)
    if read != raw:
        raise OSError("flash did not keep the slot record: replace the kiosk's board")


def version(slot: int) -> int:
    """The version number in a slot's header, whatever it is worth."""
    raw = bytearray(8)
    device().readblocks((SLOTS_AT + slot * SLOT_BYTES) // BLOCK, raw, 0)
    return struct.unpack_from("<I", raw, 4)[0]


def back(record: list, reason: int) -> None:
    """From the next start on the other slot runs."""
    record[FAILED] = version(record[ACTIVE])
    record[ACTIVE], record[LEFT], record[REASON] = 1 - record[ACTIVE], PROVEN, reason
    store(record)


def _choose() -> int:
    record = load()
    if record[LEFT] == PROVEN:
        return record[ACTIVE]
    try:
        if record[LEFT]:
            cost = 1 if machine.reset_cause() == machine.PWRON_RESET else STARTED
            record[LEFT] = max(0, record[LEFT] - cost)
            store(record)
        else:
            back(record, DEAD)
        return record[ACTIVE]
    except OSError:  # starts that can't be counted would never end
        return 1 - record[ACTIVE]


def _mount(slot: int) -> bool:
    at = SLOTS_AT + slot * SLOT_BYTES + HEADER
    try:
        rom = memoryview(vfs.rom_ioctl(2, 0))[at : SLOTS_AT + (slot + 1) * SLOT_BYTES]
        vfs.mount(vfs.VfsRom(rom), "/rom")  # type: ignore[attr-defined]
    except (OSError, ValueError):
        return False
    return True


def run() -> None:
    """Mount the slot and start its `main`; whatever ends that, the chip starts again."""
    global running
    machine.WDT(timeout=_WATCHDOG_MS)  # before a line of what may be broken
    running = _choose()
    if not _mount(running):
        running = 1 - running
        _mount(running)
    if "/rom" not in sys.path:
        sys.path.append("/rom")
    try:
        import main

        main.run()
    except Exception as error:
        sys.print_exception(error)
        time.sleep_ms(1000)
    machine.reset()
