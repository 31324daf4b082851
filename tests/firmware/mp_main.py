"""Whatever dies is said on the console before the chip restarts."""

MICROPYTHON_ONLY = True

import sys


class Chip:
    """Stands for the modules of the chip, and for time."""

    Partition = None

    @staticmethod
    def sleep_ms(_ms):
        pass


sys.modules["machine"] = sys.modules["network"] = sys.modules["esp32"] = Chip

import main


def crash(error, in_painter, shown):
    """Run until the restart -> what the console said."""
    said = []

    def die(*_):
        raise error

    async def die_later(*_):
        raise error

    class Painter:
        show = shown.append

    main.print, main.time = said.append, Chip
    main._painter = die if in_painter else Painter
    main._run = die_later
    main.flash.mount_root = lambda: None
    main.board.reset = lambda: said.append("restart")
    main.run()
    return said


def test_a_crash_is_on_console_and_screen():
    shown = []
    assert crash(ValueError("lost"), False, shown) == ["main: ValueError: lost", "restart"]
    assert len(shown) == 1


def test_a_display_or_font_that_is_missing_is_no_silent_loop():
    shown = []
    assert crash(OSError("no font"), True, shown) == ["main: OSError: no font", "restart"]
    assert shown == []
