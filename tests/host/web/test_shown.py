"""Sums as people write and read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host import clock
from host.web import shown


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        *[("12.5", 1250), ("12.50", 1250), ("0", 0), (" ¥1,200 ", 120_000), ("￥3.07元", 307), ("007", 700)],
        *[
            (bad, None)
            for bad in ("", "12.", ".5", "1.234", "-5", "1,20", "1e3", "12,5", "十二", "١٢", "5 5")
        ],
    ],
)
def test_yuan_are_read_exactly(text: str, fen: int | None) -> None:
    assert shown.fen(text) == fen


@given(st.integers(0, 10**11 - 1))
def test_what_is_shown_reads_back(fen: int) -> None:
    assert shown.fen(shown.yuan(fen)) == fen


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    assert shown.fen(text) is None or shown.fen(text) >= 0  # type: ignore[operator]


def test_signs_and_ages(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (shown.yuan(-5), shown.yuan(None), shown.change(100), shown.change(0)) == (
        *("−¥0.05", "—"),
        *("+¥1.00", "¥0.00"),
    )
    monkeypatch.setattr(clock, "now_s", lambda: 1_000_000)
    ages = [shown.age(1_000_000 - s) for s in (0, 7_199, 7_200, 172_799, 172_800)]
    assert ages == [(0, "minutes"), (119, "minutes"), (2, "hours"), (47, "hours"), (2, "days")]
    assert shown.age(2_000_000) == (0, "minutes"), "a clock that went back"
    assert shown.digits("try again in 8 s") == "8" and shown.digits("no") == ""
