"""What fits a kind of field, at its edges; and rows that stand one after the other."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.wire import kinds

U32 = 2**32 - 1
EXACT = 2**53  # what a float counts exactly, for those who read the books as such


@pytest.mark.parametrize(
    ("rows", "row", "there"),
    [
        (b"", b"ab", False),
        (b"ab", b"ab", True),
        (b"xxab", b"ab", True),
        (b"xabx", b"ab", False),  # of two rows a half each
        (b"xaaa", b"aa", True),  # across two rows, and one of them
        (b"abxabx", b"ab", True),  # a row, and later across two
        (b"xabxxabxxabx", b"ab", False),
        (b"xabxxxabxabx", b"ab", True),  # across two, a row, across two
        (b"abc", b"c", True),
    ],
)
def test_a_row_is_found_where_one_begins(rows: bytes, row: bytes, there: bool) -> None:
    assert kinds.has_row(rows, row) is there


@given(st.lists(st.text("ab", min_size=3, max_size=3), max_size=8), st.text("ab", min_size=3, max_size=3))
def test_a_row_is_found_when_it_is_one_of_them(rows: list[str], row: str) -> None:
    assert kinds.has_row("".join(rows).encode(), row.encode()) is (row in rows)


@pytest.mark.parametrize("code", range(33))
def test_a_text_may_have_spaces_and_no_control_characters(code: int) -> None:
    for text in (chr(code), "a" + chr(code), chr(code) + "a", "a" + chr(code) + "a"):
        assert kinds.is_text(text, 1, 3) is (code == 32)


@pytest.mark.parametrize(
    ("text", "fits"),
    [("", False), ("水", True), ("ab", False), ("abc", True), ("水a", True), ("水ab", False)],
)
def test_a_text_has_so_many_bytes(text: str, fits: bool) -> None:
    assert kinds.fits("text", text, 3, 4) is fits


@pytest.mark.parametrize(
    ("what", "item", "fits"),
    [
        ("moves", [0, 0], True),
        ("moves", [U32, EXACT], True),
        ("moves", [U32, -EXACT], True),
        ("moves", [-1, 0], False),
        ("moves", [U32 + 1, 0], False),
        ("moves", [0, EXACT + 1], False),
        ("moves", [0, -EXACT - 1], False),
        ("moves", ["0", 0], False),
        ("moves", [0, "0"], False),
        ("moves", [0, True], False),
        ("verdicts", [1, 0, EXACT], True),
        ("verdicts", [U32, kinds.VERDICT_MAX, -EXACT], True),
        ("prices", ["a b", 1], True),
        ("prices", ["水" * 8, 500_000], True),
        ("ranges", [1, U32], True),
        ("ranges", [U32, U32], True),
        ("spans", [0, 1], True),
        ("spans", [1439, 0], True),
        ("spans", [1440, 1], True),
        ("spans", [1440, 0], False),
        ("spans", [0, 1440], False),
        ("frames", bytes(2), True),
        ("frames", bytes(261), True),
        ("frames", bytes(1), False),
        ("frames", bytes(262), False),
        ("uids", bytes(4), True),
        ("uids", bytes(10), True),
        ("uids", bytes(3), False),
        ("uids", bytes(11), False),
    ],
)
def test_an_item_of_a_list_at_its_edges(what: str, item: Any, fits: bool) -> None:
    assert kinds.fits(what, [item], 1, 1) is fits


@pytest.mark.parametrize("what", ["moves", "verdicts", "prices", "uids", "frames", "spans"])
def test_items_of_other_lists_than_ranges_follow_no_order(what: str) -> None:
    pairs = {
        "moves": ([9, 5], [1, 2]),
        "verdicts": ([9, 1, 5], [1, 0, 2]),
        "prices": (["b", 9], ["a", 1]),
        "uids": (b"\xff" * 4, bytes(4)),
        "frames": (b"\xff" * 4, bytes(4)),
        "spans": ([600, 700], [60, 70]),
    }
    later, sooner = pairs[what]
    assert kinds.fits(what, [later, sooner, later], 0, 3)


@pytest.mark.parametrize(
    ("first", "last", "fits"), [(5, 9, False), (6, 6, True), (6, 5, False), (7, U32, True)]
)
def test_ranges_begin_after_the_end_of_the_one_before(first: int, last: int, fits: bool) -> None:
    assert kinds.fits("ranges", [[1, 5], [first, last]], 0, 2) is fits
