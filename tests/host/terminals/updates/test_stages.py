"""When an update goes on and when it stops: the rule alone, over times that are numbers."""

from dataclasses import replace
from typing import Any

import pytest

from host.terminals.updates.stages import GONE, Limits, Member, Shop, Step, size, step

SOAK_S, SILENT_S, ABSENT_S = LIMITS = Limits(3600, 1800, 24 * 3600)
GONE_S = GONE * ABSENT_S
NOW_S = 1_790_000_000  # 22:13 in Shanghai
SHANGHAI_MIN = 480
ALONE, BUSY = Shop(), Shop(others_s=NOW_S)  # another kiosk stands there, and is online
DAYTIME = ((600, 1320),)  # 10:00 to 22:00


def member(name: str = "K1", stage: int = 0, heard: int = 0, shop: Shop = ALONE, **more: int | str) -> Member:
    """heard, switching_s and confirmed_s: seconds ago."""
    times = {key: NOW_S - value for key, value in more.items() if isinstance(value, int)}
    words = {key: value for key, value in more.items() if isinstance(value, str)}
    return Member(name, stage, NOW_S - heard, shop=shop, **times, **words)  # type: ignore[arg-type]


def todo(*members: Member) -> Step:
    return step(members, NOW_S, LIMITS)


def proven(name: str, stage: int) -> Member:
    return member(name, stage, confirmed_s=SOAK_S + 10)


def test_without_anybody_it_begins() -> None:
    assert todo() == Step(stage=0)


@pytest.mark.parametrize("stage", [0, 1, 2])
def test_a_stage_that_is_seen_well_is_followed_by_the_next(stage: int) -> None:
    assert todo(*(proven(f"K{n}", stage) for n in range(3))) == Step(stage=stage + 1)


def test_it_waits_for_each_kiosk_and_for_the_time_after() -> None:
    assert todo(proven("K1", 1), member("K2", 1)) == Step()
    assert todo(proven("K1", 1), member("K2", 1, confirmed_s=SOAK_S - 1)) == Step()
    gone_quiet = member("K2", 1, heard=700, confirmed_s=SOAK_S + 600)
    assert todo(gone_quiet) == Step(), "it was not heard of since the time was over"


def test_a_kiosk_that_is_off_holds_it_up_for_a_day_and_does_not_fail() -> None:
    assert todo(proven("K1", 1), member("K2", 1, heard=ABSENT_S)) == Step()
    off = member("K2", 1, heard=ABSENT_S + 1)
    assert todo(proven("K1", 1), off) == Step(stage=2) and off.is_missed(NOW_S, LIMITS)
    joined = member("K2", 1, heard=5 * ABSENT_S, joined_s=ABSENT_S)
    assert todo(proven("K1", 1), joined) == Step(), "it has a day from when its stage began"
    assert not joined.is_missed(NOW_S, LIMITS)


@pytest.mark.parametrize("stage", [0, 1])
def test_others_take_the_place_of_a_stage_that_is_off(stage: int) -> None:
    assert todo(member("K1", stage, heard=ABSENT_S + 1)) == Step(stage=stage)


def test_a_kiosk_that_went_off_amid_it_is_waited_for_three_days_and_then_has_failed() -> None:
    off = member(heard=ABSENT_S + 1, confirmed_s=ABSENT_S + 9)
    assert todo(off) == Step() and off.is_missed(NOW_S, LIMITS) and not off.is_left_out(NOW_S, LIMITS)
    gone = member(heard=GONE_S + 1, confirmed_s=GONE_S + 9)
    assert todo(gone).why.startswith("K1 (gone)")


@pytest.mark.parametrize("stage", [0, 1])
@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ({"failed": "mac"}, "mac"),
        ({"failed": "dead"}, "dead"),
        ({"heard": SILENT_S + 1, "switching_s": SILENT_S + 1}, "silent"),
        ({"heard": SILENT_S + 1, "switching_s": SILENT_S + 1, "shop": BUSY}, "silent"),
        ({"heard": SILENT_S + 1, "confirmed_s": SILENT_S + 5, "shop": BUSY}, "silent"),
    ],
)
def test_one_that_fails_stops_it(stage: int, bad: dict[str, Any], why: str) -> None:
    stopped = todo(proven("K1", stage), member("K2", stage, **bad))
    assert stopped.why.startswith(f"K2 ({why}) failed in the stage") and stopped.stage is None


QUIET = {"heard": SILENT_S + 600, "confirmed_s": SILENT_S + 900}


@pytest.mark.parametrize(
    "shop",
    [
        Shop(others_s=NOW_S - SILENT_S - 500),
        Shop(hours=DAYTIME, utc_offset_min=SHANGHAI_MIN, others_s=NOW_S),
        Shop(),
    ],
    ids=["the whole shop went off", "closed at ten", "nobody else is there to compare with"],
)
def test_a_confirmed_kiosk_whose_shop_closes_has_not_failed(shop: Shop) -> None:
    assert todo(member(shop=shop, **QUIET)) == Step()  # type: ignore[arg-type]


def test_who_restarts_with_its_whole_shop_has_not_failed_yet() -> None:
    cut = Shop(others_s=NOW_S - SILENT_S)
    assert todo(member(heard=SILENT_S + 1, switching_s=SILENT_S + 1, shop=cut)) == Step()


def test_silence_counts_while_the_shop_is_open() -> None:
    open_now = Shop(hours=((600, 1335),), utc_offset_min=SHANGHAI_MIN, others_s=NOW_S)
    assert todo(member(shop=open_now, **QUIET)).why.startswith("K1 (silent)")  # type: ignore[arg-type]
    over_midnight = Shop(hours=((1300, 60),), utc_offset_min=SHANGHAI_MIN, others_s=NOW_S)
    assert todo(member(shop=over_midnight, **QUIET)).why.startswith("K1 (silent)")  # type: ignore[arg-type]
    all_night = member(shop=Shop(DAYTIME, SHANGHAI_MIN, NOW_S), heard=11 * 3600, confirmed_s=11 * 3600)
    assert todo(all_night).why.startswith("K1 (silent)"), "it was open since eleven in the morning"


def test_a_word_just_in_time_is_no_silence() -> None:
    assert todo(member(heard=SILENT_S, switching_s=SILENT_S + 900)) == Step()
    assert todo(member(heard=SILENT_S - 1, confirmed_s=SILENT_S)) == Step()
    assert todo(member(heard=90_000, switching_s=10)) == Step(), "it has only just said that it restarts"


def test_who_was_seen_well_may_be_switched_off_afterwards() -> None:
    off = member("K1", 0, heard=50_000, confirmed_s=50_000 + SOAK_S)
    assert todo(off) == Step(stage=1)


def test_in_the_last_stage_one_in_twenty_may_fail() -> None:
    def fleet(bad: int) -> list[Member]:
        well = [proven(f"K{n:03}", 2) for n in range(100 - bad)]
        return well + [member(f"X{n}", 2, failed="flash") for n in range(bad)]

    assert todo(*fleet(5)) == Step(stage=3)
    stopped = todo(*fleet(6))
    assert stopped.why.startswith("X0 (flash), X1 (flash)") and "and 1 more" in stopped.why


def test_a_kiosk_of_an_earlier_stage_that_fails_later_counts_too() -> None:
    late = member("K1", 0, heard=SILENT_S + 1, confirmed_s=SILENT_S + 2, shop=BUSY)
    assert todo(late, member("K2", 1)).why.startswith("K1 (silent)")


def test_sizes_of_the_stages() -> None:
    assert [size(0, 500), size(1, 500), size(2, 500)] == [1, 50, 500]
    assert [size(1, 1), size(1, 10), size(1, 11)] == [1, 1, 2]


def died_alone(shop: Shop, ago_s: int = ABSENT_S + 60) -> Member:
    return member(heard=ago_s, confirmed_s=ago_s + 30, shop=shop)


@pytest.mark.parametrize("shop", [Shop(), Shop(others_s=NOW_S - ABSENT_S), Shop(DAYTIME, SHANGHAI_MIN)])
def test_who_dies_alone_has_failed_when_a_day_is_over_in_which_others_are_there(shop: Shop) -> None:
    there = replace(shop, fleet_s=NOW_S - 30)
    assert todo(died_alone(there)).why.startswith("K1 (silent)")
    at_the_restart = replace(died_alone(there), confirmed_s=None, switching_s=NOW_S - ABSENT_S - 70)
    assert todo(at_the_restart).why.startswith("K1 (silent)")
    assert todo(died_alone(there, ABSENT_S)) == Step()


def test_who_is_gone_with_the_others_is_waited_for() -> None:
    assert todo(died_alone(Shop(fleet_s=NOW_S - ABSENT_S))) == Step(), "the fault may be the host's"
    assert todo(died_alone(Shop(fleet_s=NOW_S), 14 * 3600)) == Step(), "a night is shorter"
