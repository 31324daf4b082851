"""The chooser over a partition in memory; `machine` and `esp32` are what the unix port has not."""

import struct
import sys

sys.path.append(__file__.rsplit("/", 2)[0] + "/kiosk")

from nor import WAYS, Nor, cut  # noqa: F401

SLOT_BLOCKS = 4  # of 63 on the chip: what is tried here does not depend on it


class Off(BaseException):
    """The power went, or the chip was reset."""


class Flash(Nor):
    """The partition romfs, and where it is found."""

    TYPE_DATA = 1

    def __init__(self, memory=None, before=None):
        super().__init__(2 + 2 * SLOT_BLOCKS, memory, before)

    def find(self, _type, label):
        return [self] if label == "romfs" else []


class Machine:
    """The chip: `said` is what was asked of it."""

    PWRON_RESET, HARD_RESET, WDT_RESET = 1, 2, 3
    said, cause = [], HARD_RESET

    @staticmethod
    def reset_cause():
        return Machine.cause

    @staticmethod
    def WDT(timeout):
        Machine.said.append("watchdog")

    @staticmethod
    def reset():
        Machine.said.append("reset")
        raise Off()


sys.modules["machine"] = Machine
sys.modules["esp32"] = type("Esp32", (), {"Partition": None})

import chooser  # noqa: E402

chooser.SLOT_BYTES = SLOT_BLOCKS * 4096


def put(flash, slot, version, length=100):
    """A header of this version into a slot, by the workshop."""
    at = chooser.SLOTS_AT + slot * chooser.SLOT_BYTES
    flash.memory[at : at + 12] = struct.pack("<4sII", b"TLU1", version, length)


def on(flash):
    """This is the flash from now on."""
    chooser.Partition = flash
    Machine.said = []
    return flash
