"""Hours of the shop: by its own clock, over midnight too, and never against a clock that nobody set."""

from kiosk import hours

EIGHT_UTC = 1_800_000_000


def at(minute):
    """Seconds since 1970 at this minute of a day in China."""
    return EIGHT_UTC // 86400 * 86400 + 86400 + (minute - 480) * 60


def config(*spans, quiet=()):
    return {"hours": list(spans), "quiet": list(quiet), "utc_offset_min": 480}


def test_the_minute_is_of_the_local_day():
    assert hours.minute(EIGHT_UTC, 0) == 480
    assert hours.minute(EIGHT_UTC, 480) == 960
    assert hours.minute(EIGHT_UTC, -720) == 1200
    assert hours.minute(at(0), 480) == 0 and hours.minute(at(1439) + 59, 480) == 1439
    assert hours.minute(5, 480) == -1


def selling(spans, *minutes):
    """Those of the minutes in which a shop with these hours sells."""
    return [minute for minute in minutes if hours.sells(config(*spans), at(minute))]


def test_a_shop_sells_within_its_hours():
    day = [600, 720], [840, 1320]
    assert selling(day, 0, 599, 600, 719, 720, 839, 840, 1319, 1320) == [600, 719, 840, 1319]
    night = ([1320, 120],)
    assert selling(night, 0, 119, 120, 700, 1319, 1320, 1439) == [0, 119, 1320, 1439]


def test_without_hours_or_a_clock_it_always_sells_and_is_never_quiet():
    assert hours.sells(config(), at(3)) and hours.sells(config([600, 601]), 12345)
    assert not hours.quiet(config(), at(3))
    for span in ([0, 1440], [1320, 480]):
        assert not hours.quiet(config(quiet=span), 12345)


def test_quiet_hours_wrap_over_midnight():
    night = config(quiet=[1320, 480])
    quiet = [minute for minute in (0, 479, 480, 1319, 1320, 1439) if hours.quiet(night, at(minute))]
    assert quiet == [0, 479, 1320, 1439]
