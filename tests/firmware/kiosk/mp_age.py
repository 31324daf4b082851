"""How old the lists are: counted over restarts, never made younger by cutting the power or moving a clock."""

MICROPYTHON_ONLY = True

from disk import Disk

from kiosk.age import HOUR_S, PATH, UNKNOWN_S, Age
from tests.firmware.chip_clock import ROUND_MS, ChipClock

NOW_S = 1_780_000_000
OFF_S = 946_684_800  # the chip's clock when it was without power: 2000


class Kiosk:
    """A chip with its flash. held: the numbers of its lists."""

    def __init__(self):
        self.ticks, self.disk = ChipClock(), Disk()
        self.wall_s = OFF_S
        self.numbers = {"hotlist": 3, "allowed": 8}
        self.start()

    def start(self):
        self.age = Age(self.disk, lambda: self.wall_s, self.set_clock)

    def power_cut(self):
        self.wall_s = OFF_S
        self.start()

    def set_clock(self, seconds):
        self.wall_s = seconds

    def held(self):
        return self.numbers

    def hear(self, hotlist=3, allowed=8, now_s=NOW_S):
        self.age.welcomed({"now_s": now_s, "hotlist": hotlist, "allowed": allowed})
        self.age.compare(self)

    def run(self, seconds):
        """So much time passes, with a look a minute as the firmware takes."""
        for _ in range(seconds // 60):
            self.ticks.ms += 60_000
            self.wall_s += 60
            self.age.tick()


def test_before_the_first_word_nobody_knows():
    kiosk = Kiosk()
    assert kiosk.age.seconds == UNKNOWN_S
    kiosk.hear()
    assert kiosk.age.seconds == 0
    kiosk.run(7200)
    assert kiosk.age.seconds == 7200


def test_the_time_of_day_is_known_from_the_hosts_word_until_the_next_start():
    kiosk = Kiosk()
    assert not kiosk.age.told
    kiosk.hear(hotlist=4)
    assert kiosk.age.told, "whatever lists we have"
    kiosk.power_cut()
    assert not kiosk.age.told


def test_only_the_newest_lists_are_confirmed():
    kiosk = Kiosk()
    kiosk.hear(hotlist=4)
    assert kiosk.age.seconds == UNKNOWN_S
    kiosk.hear(allowed=9)
    assert kiosk.age.seconds == UNKNOWN_S
    kiosk.numbers["allowed"] = 9  # it comes
    kiosk.age.compare(kiosk)
    assert kiosk.age.seconds == 0
    kiosk.run(600)
    kiosk.age.compare(kiosk)  # a word counts once
    assert kiosk.age.seconds == 600


def test_the_counter_of_ticks_may_begin_anew():
    kiosk = Kiosk()
    kiosk.hear()
    days = 3 * ROUND_MS // 1000 // 60 * 60
    kiosk.run(days)
    kiosk.wall_s = OFF_S
    assert kiosk.age.seconds == days


def test_a_restart_keeps_the_count_and_adds_an_hour():
    kiosk = Kiosk()
    kiosk.hear()
    kiosk.run(5 * HOUR_S)
    kiosk.power_cut()
    assert 5 * HOUR_S <= kiosk.age.seconds <= 6 * HOUR_S
    assert kiosk.wall_s == NOW_S + kiosk.age.seconds  # at least so late


def test_cutting_the_power_does_not_stop_the_count():
    kiosk = Kiosk()
    kiosk.hear()
    for cuts in range(1, 97):
        kiosk.run(59 * 60)  # never long enough to be saved
        kiosk.power_cut()
        assert kiosk.age.seconds >= cuts * HOUR_S > cuts * 59 * 60
    assert kiosk.age.seconds >= 96 * HOUR_S


def test_a_clock_that_is_moved_makes_nothing_younger():
    kiosk = Kiosk()
    kiosk.hear()
    kiosk.run(2 * HOUR_S)
    kiosk.wall_s = OFF_S
    assert kiosk.age.seconds == 2 * HOUR_S
    kiosk.wall_s = NOW_S + 500 * HOUR_S  # it may know better: a board with a battery
    assert kiosk.age.seconds == 500 * HOUR_S


def test_a_damaged_file_is_no_word_of_the_host():
    kiosk = Kiosk()
    kiosk.hear()
    good = kiosk.disk.files[PATH]
    for bad in (
        b"",
        good[:-1],
        good + b"x",
        bytes([good[0] ^ 1]) + good[1:],
        good[:-1] + bytes([good[-1] ^ 1]),
    ):
        kiosk.disk.files[PATH] = bad
        kiosk.power_cut()
        assert kiosk.age.seconds == UNKNOWN_S


def test_flash_is_written_once_an_hour_and_not_at_every_word():
    kiosk = Kiosk()
    kiosk.hear()
    writes = kiosk.disk.writes
    for minute in range(59):
        kiosk.run(60)
        kiosk.hear(now_s=NOW_S + 60 * minute)
    assert kiosk.disk.writes == writes
    kiosk.run(24 * HOUR_S)
    assert kiosk.disk.writes - writes <= 24


def test_a_full_flash_stops_nothing():
    kiosk = Kiosk()
    kiosk.disk.full = True
    kiosk.hear()
    kiosk.run(2 * HOUR_S)
    assert kiosk.age.seconds == 2 * HOUR_S
