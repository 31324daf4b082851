"""What may stand in a list of old cards, column by column."""

import datetime
import re
from pathlib import Path
from typing import Any

import pytest

from host.cards.imports import FileError, read
from host.cards.imports.rows import BALANCE_FEN_MAX, Row, parsed
from tests.host.cards.imports.lists import GOOD, HEADER, csv_of, xlsx_of


def row_of(tmp_path: Path, **changed: str) -> Row:
    values = dict(zip(HEADER.split(","), GOOD[0], strict=True)) | changed
    (row,) = parsed(read(csv_of(tmp_path, [tuple(values.values())])))
    return row


def test_a_good_list(tmp_path: Path) -> None:
    rows = parsed(read(csv_of(tmp_path, GOOD)))
    assert [(row.number, row.uid.hex().upper(), row.balance_fen, row.points) for row in rows] == [
        ("VIP-0001", "00A2B304", 1250, 30),
        ("VIP-0002", "04A2B304050680", 0, 0),
        ("VIP-0003", "0012345678ABCDEF", 123_405, 0),
        ("VIP-0004", "04A2B304050607080910", 0, 7),
    ]
    assert all(row.errors == [] for row in rows)


@pytest.mark.parametrize(
    "header",
    [
        "卡号,UID,余额,积分",
        "Number,Uid,Balance (yuan),Points",
        "会员卡号,物理卡号,余额（元）,积分",
        " 卡 号 ,IDm,余额,积分",
    ],
)
def test_columns_by_their_usual_names(tmp_path: Path, header: str) -> None:
    (row,) = parsed(read(csv_of(tmp_path, GOOD[:1], header)))
    assert (row.number, row.balance_fen, row.points, row.errors) == ("VIP-0001", 1250, 30, [])


def test_columns_in_any_order_with_others_between(tmp_path: Path) -> None:
    path = csv_of(tmp_path, [("王", "00A2B304", "x", "N1")], "name,uid,phone,number")
    (row,) = parsed(read(path))
    assert (row.number, row.uid.hex(), row.balance_fen, row.points) == ("N1", "00a2b304", 0, 0)


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("number,balance", "no column uid"),
        ("uid,balance", "no column number"),
        ("number,uid,UID", "names the column uid twice"),
        ("1,2,3", "no column number"),
    ],
)
def test_a_header_without_what_is_needed(tmp_path: Path, header: str, sentence: str) -> None:
    with pytest.raises(FileError, match=sentence):
        parsed(read(csv_of(tmp_path, [("a", "b", "c")], header)))


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("number", "", "is empty"),
        ("number", "N" * 33, "must be 1 to 32 characters"),
        ("number", "N" * 300, "more than 200 characters"),
        ("number", "a\u200bb", "must be 1 to 32 characters that can be printed"),
        ("number", "=1+1", "is a formula"),
        ("uid", "", "is empty"),
        ("uid", "A2B304", "6 hex digits.*leading zeros lost"),
        ("uid", "0A2B304", "7 hex digits.*leading zeros lost"),
        ("uid", "4.00E+12", "written by a spreadsheet as a number"),
        ("uid", "1E+10", "written by a spreadsheet as a number"),
        ("uid", "00A2B30G", "is not hex"),
        ("uid", "00A2B304;", "is not hex"),
        ("uid", "08A2B304", "random UID"),
        ("uid", "00000000", "blank or broken"),
        ("uid", "00A2B30405", "10 hex digits"),
        ("uid", "=HEX2DEC(1)", "is a formula"),
        ("balance", "-1", "not between 0 and"),
        ("balance", "-0.01", "not between 0 and"),
        ("balance", "1.005", "no whole number of fen"),
        ("balance", "12,50", "is no number"),
        ("balance", "1,23,456", "is no number"),
        ("balance", "1.2.3", "is no number"),
        ("balance", "abc", "is no number"),
        ("balance", "1e3", "is no number"),
        ("balance", "NaN", "is no number"),
        ("balance", "Infinity", "is no number"),
        ("balance", "9" * 16, "is no number"),
        ("balance", "100000.01", "not between 0 and 100000"),
        ("balance", "=1", "is a formula"),
        ("points", "1.5", "no whole number"),
        ("points", "-1", "no whole number"),
        ("points", "1000000001", "no whole number"),
        ("points", "many", "is no number"),
    ],
)
def test_what_is_wrong_is_named_with_its_column(
    tmp_path: Path, column: str, value: str, sentence: str
) -> None:
    row = row_of(tmp_path, **{column: value})
    ((named, said),) = row.errors
    assert (row.row, named) == (2, column)
    assert re.search(sentence, said), said


@pytest.mark.parametrize(
    ("text", "fen"),
    [("0", 0), ("0.1", 10), ("100000", BALANCE_FEN_MAX), ("1.10", 110), ("1.100", 110), ("¥5", 500),
     ("￥5.5", 550), ("1,000", 100_000), ("１２．５", 1250)],
)  # fmt: skip
def test_balances_to_the_fen(tmp_path: Path, text: str, fen: int) -> None:
    row = row_of(tmp_path, balance=text)
    assert (row.balance_fen, row.errors) == (fen, [])


def test_every_error_of_a_row_is_told(tmp_path: Path) -> None:
    row = row_of(tmp_path, number="", uid="x", balance="y", points="z")
    assert [column for column, _ in row.errors] == ["number", "uid", "balance", "points"]


def test_what_stands_in_two_rows_is_an_error_of_both(tmp_path: Path) -> None:
    rows = [("N1", "00A2B304", "", ""), ("N2", "00a2b304", "", ""), ("N1", "04A2B304", "", "")]
    rows += [("N1", "05A2B304", "", "")]
    first, second, third, fourth = parsed(read(csv_of(tmp_path, rows)))
    assert first.errors == [("number", "is in row 4 too"), ("uid", "is in row 3 too")]
    assert second.errors == [("uid", "is in row 2 too")]
    assert third.errors == fourth.errors == [("number", "is in row 2 too")]


def in_excel(tmp_path: Path, **changed: Any) -> Row:
    values = {"number": "N1", "uid": "00A2B304", "balance": "1", "points": "2"} | changed
    (row,) = parsed(read(xlsx_of(tmp_path, [list(values), list(values.values())], text=False)))
    return row


# As Excel keeps them: a balance, and what it is in fen.
BALANCES = [(19.99, 1999), (12, 1200), (0.1 + 0.2, 30), (7.0, 700)]
SPOILED = [
    ("number", 123, "was stored as a number (123), so leading zeros may be lost"),
    ("uid", 4_234_567, "was stored as a number (4234567), so leading zeros may be lost"),
    ("uid", 1.0e12, "was stored as a number"),
    ("balance", 0.125, "no whole number of fen"),
    ("balance", datetime.datetime(2026, 1, 5), "is a date: format the column as text"),
    ("uid", datetime.datetime(2026, 1, 5), "is a date"),
    ("balance", "=A1", "is a formula"),
    ("points", True, "is an error or a yes/no value"),
    ("points", 2.5, "no whole number"),
    ("balance", 1e300, "is no number"),
]


@pytest.mark.parametrize(("value", "fen"), BALANCES)
def test_balances_by_the_digits_that_excel_shows(tmp_path: Path, value: object, fen: int) -> None:
    row = in_excel(tmp_path, balance=value)
    assert (row.balance_fen, row.points, row.errors) == (fen, 2, [])


@pytest.mark.parametrize(("column", "value", "sentence"), SPOILED)
def test_what_excel_spoils_is_named(tmp_path: Path, column: str, value: object, sentence: str) -> None:
    ((named, said),) = in_excel(tmp_path, **{column: value}).errors
    assert named == column and sentence in said, said
