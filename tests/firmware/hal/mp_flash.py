"""The flash's file system: made where there never was one, and left alone where it is broken."""

MICROPYTHON_ONLY = True

import sys

import vfs

BLOCK = 4096


class Device:
    """A partition in memory, and where it is found."""

    TYPE_DATA = 1

    def __init__(self, byte):
        self.memory = bytearray(bytes([byte]) * (16 * BLOCK))

    def find(self, _type, label):
        return [self]

    def readblocks(self, block, buffer, offset=0):
        at = block * BLOCK + offset
        buffer[:] = self.memory[at : at + len(buffer)]

    def writeblocks(self, block, data, offset=0):
        at = block * BLOCK + offset
        self.memory[at : at + len(data)] = data

    def ioctl(self, operation, argument):
        if operation == 6:
            self.writeblocks(argument, b"\xff" * BLOCK)
        return {4: 16, 5: BLOCK}.get(operation, 0)


class Esp32:
    Partition = None


sys.modules["esp32"] = Esp32

from hal import flash, mount


def boot(device):
    flash.Partition = device
    vfs.umount("/")
    mount.mount_root()


def test_a_partition_never_written_to_is_formatted_and_then_kept():
    device = Device(0xFF)
    for _ in range(2):
        boot(device)
        assert flash.read_file("/bundle") in (None, b"ours")
        flash.write_file("/bundle", b"ours")
    assert flash.read_file("/bundle") == b"ours"


def test_a_format_that_a_power_cut_ended_is_done_again():
    device = Device(0xFF)
    for at in range(0, 2 * BLOCK, 500):
        device.memory[at] = 0x5A
    boot(device)
    flash.write_file("/bundle", b"ours")
    boot(device)
    assert flash.read_file("/bundle") == b"ours"


def test_a_broken_file_system_is_not_wiped():
    for byte in (0x00, 0xFF):
        device = Device(byte)
        device.memory[2 * BLOCK + 100] = 0xFE  # a block beyond littlefs' own two holds something
        before = bytes(device.memory)
        try:
            boot(device)
        except OSError as error:
            assert "damaged file system" in str(error), error
            assert device.memory == before
            vfs.mount(vfs.VfsPosix("/"), "/")  # for the next one to take away
            continue
        raise AssertionError("mounted")


def test_what_micropython_mounted_by_itself_is_left_alone():
    device = Device(0xFF)
    boot(device)
    flash.write_file("/bundle", b"ours")
    mount.mount_root()
    assert flash.read_file("/bundle") == b"ours"


def test_a_file_that_cannot_be_read_is_not_taken_for_one_that_never_was():
    def broken(_path, _mode):
        raise OSError(5)

    assert flash.read_file("/never-written") is None
    flash.open = broken
    assert flash.read_file("/hotlist.msg") == b""
