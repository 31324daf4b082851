"""The chip's clock may follow a hint; what the kiosk believes does not."""

MICROPYTHON_ONLY = True

import sys
import time


class Chip:
    """Stands for the module machine: a clock that was set to these seconds."""

    ahead_s = 0

    class RTC:
        def datetime(self, parts):
            year, month, day, _, hour, minute, second, _ = parts
            wanted = time.mktime((year, month, day, hour, minute, second, 0, 0))
            zone = time.mktime(time.gmtime(0)[:8])  # of this machine
            Chip.ahead_s = wanted - zone - int(time.time())


class Time:
    """Stands for the module time of a chip that counts from 1970."""

    @staticmethod
    def gmtime(seconds):
        return time.gmtime(seconds)[:8]

    @staticmethod
    def time():
        return int(time.time()) + Chip.ahead_s


sys.modules["machine"] = Chip

from hal import clock

clock.time = Time


def chip_s():
    return Time.time()


def near(one, other):
    return abs(one - other) <= 1


def test_the_hosts_word_is_believed():
    clock.set_s(1_900_000_000)
    assert near(clock.now_s(), 1_900_000_000) and near(chip_s(), 1_900_000_000)
    clock.set_s(1_800_000_000)
    assert near(clock.now_s(), 1_800_000_000) and near(chip_s(), 1_800_000_000)


def test_a_hint_moves_the_chips_clock_and_nothing_that_is_believed():
    clock.set_s(1_850_000_000)
    for hint_s in (1_950_000_000, 1_800_000_000):
        clock.hint_s(hint_s)
        assert near(clock.now_s(), 1_850_000_000) and near(chip_s(), hint_s)
    clock.set_s(1_860_000_000)  # the host was heard
    assert near(clock.now_s(), 1_860_000_000) and near(chip_s(), 1_860_000_000)


def test_no_hint_goes_before_the_program_was_built():
    clock.set_s(1_850_000_000)
    clock.hint_s(5)
    assert near(chip_s(), clock.BUILT_S)
