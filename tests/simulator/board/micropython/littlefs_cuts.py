"""Under MicroPython: littlefs on the flash model, power cut at each operation of a workload, mounted again
each time by the firmware's own mount_root().

The workload replaces a file (written beside, renamed over) and appends to another with a flush per record,
often enough that littlefs compacts its first two blocks. After a cut the first file holds one of its
versions, whole, and the second every record that was flushed. Prints a summary.
"""

import io
import os

import esp32
import flash
import vfs

from hal.mount import mount_root

SIZE_BYTES = 16 * flash.BLOCK_BYTES
ROUNDS = 18


def erased():
    image = io.BytesIO()
    for _ in range(SIZE_BYTES // 256):
        image.write(b"\xff" * 256)
    return image


def cut(chip):
    raise flash.PowerCut


def mount(image, chip):
    esp32._TABLE.clear()
    esp32.add_partition("vfs", image, 0x200000, SIZE_BYTES, chip)
    mount_root()


def workload(done):
    log = open("/log", "ab")
    for number in range(ROUNDS):
        with open("/state.new", "wb") as file:
            file.write(version(number))
        os.rename("/state.new", "/state")
        done["state"] = number
        log.write(record(number))
        log.flush()
        done["log"] = number + 1
    log.close()


def version(number):
    return bytes((number,)) * (700 + 100 * number)


def record(number):
    return b"record %03d;" % number


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def check(done):
    state = read("/state")
    allowed = [version(n) for n in (done["state"], done["state"] + 1) if n >= 0] + (
        [b""] if done["state"] < 0 else []
    )
    assert state in allowed, "state is neither the old nor the new one"
    log = read("/log")
    whole = b"".join([record(n) for n in range(ROUNDS)])
    assert whole.startswith(log), "the log holds what was never written"
    assert len(log) >= done["log"] * len(record(0)), "a flushed record is lost"


def run(operation, seed, start):
    """True when the workload ended before the cut."""
    image = io.BytesIO(start)
    chip = flash.Chip(cut)
    chip.arm(operation, seed)
    done = {"state": -1, "log": 0}
    ended = False
    try:
        mount(image, chip)
        workload(done)
        ended = True
    except flash.PowerCut:
        pass
    try:
        vfs.umount("/")
    except (OSError, flash.PowerCut):
        pass
    mount(image, flash.Chip(cut))
    check(done)
    vfs.umount("/")
    return ended


def main():
    vfs.umount("/")
    image = erased()
    vfs.VfsLfs2.mkfs(flash.BlockDevice(flash.Nor(image, SIZE_BYTES, flash.Chip(cut))))
    start = image.getvalue()
    operation = 1
    while not run(operation, 7919 * operation, start):
        operation += 1
    print("cuts", operation - 1)


main()
