"""Whatever dies is said on console and screen and kept for the host, before the chip restarts."""

MICROPYTHON_ONLY = True

import sys


class Chip:
    """Stands for the modules of the chip, and for time."""

    Partition = None
    WDT_RESET = 3

    def __init__(self, **_):
        pass

    WDT = property

    @staticmethod
    def sleep_ms(_ms):
        SAID.append("sleep")

    @staticmethod
    def feed():
        SAID.append("feed")


SAID = []
sys.modules["machine"] = sys.modules["network"] = sys.modules["esp32"] = Chip
Chip.WDT = Chip

import main
from hal import board, mount
from kiosk import faults
from protocol.wire.faults import RESTART
from tests.firmware.kiosk.disk import Disk


def crash(error, in_painter=False, shown=None, disk=None):
    """Run until the restart -> what was said and done until then; error: a text, of the supervisor, or what
    the start meets with."""
    SAID.clear()
    disk = disk or Disk()
    for name in ("read_file", "write_file", "remove_file"):
        setattr(main.flash, name, getattr(disk, name))
    mount.mount_root = lambda: None

    def die(*_):
        if isinstance(error, str):
            return None, {}
        raise error

    async def run(*_):
        return error

    class Painter:
        def start(self):
            pass

        def show(self, items):
            if shown is not None:
                shown.append(items)

    main.print, main.time = SAID.append, Chip
    main._painter = die if in_painter else Painter
    main._parts, main._run, main.seldom.forget = die, run, lambda: None
    board.choose = lambda _device: None
    board.reset = lambda: SAID.append("restart")
    main.clock.now_s = lambda: 1700000000
    main.run()
    return list(SAID)


def test_a_crash_is_on_console_and_screen():
    shown = []
    said = crash(ValueError("lost"), False, shown)
    assert said[0].startswith("restart: main: ValueError: lost, ") and said[-1] == "restart"
    assert len(shown) == 1


def test_a_font_that_is_missing_is_no_silent_loop():
    shown = []
    said = crash(OSError("no font"), True, shown)
    assert said[0].startswith("restart: main: OSError: no font") and said[-1] == "restart"
    assert shown == []


def test_the_cause_is_kept_and_restarts_in_a_row_get_rarer():
    disk, pauses = Disk(), []
    for _ in range(9):
        said = crash("nfc: OSError: worn, kiosk/ring.py:97", disk=disk)
        assert said[0] == "restart: nfc: OSError: worn, kiosk/ring.py:97"
        assert said.count("feed") == said.count("sleep")  # the watchdog does not bite meanwhile
        pauses.append(said.count("sleep"))
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 64, 64]
    (kept,) = faults.untold(disk, [])
    assert (kept["source"], kept["count"], kept["firmware"]) == (RESTART, 9, main.FIRMWARE)
    assert kept["cause"] == "nfc: OSError: worn, kiosk/ring.py:97"


def test_a_flash_that_takes_nothing_is_no_reason_not_to_restart():
    disk = Disk()
    disk.full = True
    assert crash(ValueError("lost"), disk=disk)[-1] == "restart"
