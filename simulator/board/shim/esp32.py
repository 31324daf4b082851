"""Stands in for the module `esp32` of the ESP32 port: the data partitions of the flash chip."""

import flash

_TABLE = []


def add_partition(label, image, address, size_bytes, chip):
    """Called by the start script only: the partition table of this board."""
    _TABLE.append(Partition._new(label, address, flash.Nor(image, size_bytes, chip, len(_TABLE))))


class Partition(flash.BlockDevice):
    BOOT = 0
    RUNNING = 1
    TYPE_APP = 0
    TYPE_DATA = 1

    @staticmethod
    def _new(label, address, nor):
        part = Partition(nor)
        part._label = label
        part._address = address
        return part

    @staticmethod
    def find(type=TYPE_APP, subtype=0xFF, label=None, block_size=flash.BLOCK_BYTES):
        if block_size != flash.BLOCK_BYTES:
            raise ValueError("this board knows 4096-byte blocks only")
        if type != Partition.TYPE_DATA:
            return []
        return [part for part in _TABLE if label is None or part._label == label]

    def info(self):
        """(type, subtype, address, size, label, encrypted)"""
        return (self.TYPE_DATA, 0x81, self._address, self._nor.size_bytes, self._label, False)
