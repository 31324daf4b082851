"""What the host has acknowledged, kept in as few ranges as there are holes."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
if str(ROOT / "firmware") not in sys.path:
    sys.path.insert(0, str(ROOT / "firmware"))

from kiosk.acks import Acks  # noqa: E402


def given(used: int) -> Acks:
    acks = Acks()
    acks.used = used
    return acks


def test_a_range_that_touches_the_watermark_joins_it() -> None:
    acks = given(9)
    acks.take(5, [])
    acks.take(2, [[4, 7], [9, 9]])  # a host restored from a backup knows less, and of later ones again
    assert (acks.upto, acks.ranges, acks.count()) == (7, [[9, 9]], 8)


def test_thousands_behind_one_hole_are_one_range() -> None:
    acks = given(6000)
    acks.take(0, [[2, 5999]])
    acks.take_one(6000)
    assert (acks.upto, acks.ranges) == (0, [[2, 6000]])
    acks.take_one(1)
    assert (acks.upto, acks.ranges) == (6000, [])


def test_what_was_never_given_out_is_no_word_about_us() -> None:
    acks = given(3)
    acks.take(9, [[11, 12]])
    acks.take_one(4)
    assert (acks.upto, acks.ranges) == (3, [])
