"""Files that strangers send: read, or refused in one sentence."""

import datetime
import random
import zipfile
from pathlib import Path

import openpyxl
import pytest

from host.cards.imports import FileError, read, sheet
from host.cards.imports.sheet import Cell, Kind
from tests.host.cards.imports.lists import GOOD, HEADER, csv_of, xlsx_of

TEXT = f"{HEADER}\n卡１,00A2B304,1,2\n"


def texts(path: Path) -> list[list[str]]:
    found = read(path)
    return [list(found.header), *([cell.text for cell in cells] for _, cells in found.rows)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_as_programs_here_write_it(tmp_path: Path, encoding: str, separator: str, end: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT.replace(",", separator).replace("\n", end).encode(encoding))
    assert texts(path) == [["number", "uid", "balance", "points"], ["卡1", "00A2B304", "1", "2"]]


def test_rows_are_numbered_as_in_the_file_and_empty_ones_left_out(tmp_path: Path) -> None:
    path = csv_of(tmp_path, [("", "", "", ""), GOOD[0], (" ", "", "", ""), GOOD[1]])
    assert [number for number, _ in read(path).rows] == [3, 5]


def test_xlsx_cells_keep_their_kind(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    day = datetime.datetime(2026, 3, 1)
    page.append(["number", "uid", "balance", "points"])
    page.append([123, 12.5, 0.1 + 0.2, day])
    page.append(["=A2", "00A2B304", True, None])
    path = tmp_path / "a.xlsx"
    book.save(path)
    (_, first), (_, second) = read(path).rows
    assert first[:4] == (
        Cell("123", Kind.NUMBER),
        Cell("12.5", Kind.NUMBER),
        Cell("0.3", Kind.NUMBER),
        Cell("2026-03-01 00:00:00", Kind.DATE),
    )
    assert [cell.kind for cell in second[:4]] == [Kind.FORMULA, Kind.TEXT, Kind.OTHER, Kind.TEXT]


def test_a_formula_in_csv_is_one(tmp_path: Path) -> None:
    path = csv_of(tmp_path, [('="00123"', "@SUM(A1)", "+1", "-1")])
    ((_, cells),) = read(path).rows
    assert [cell.kind for cell in cells] == [Kind.FORMULA, Kind.FORMULA, Kind.FORMULA, Kind.TEXT]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\n\n , ,\n", "is empty"),
        (b"\xff\xfen\x00", "no CSV in UTF-8 or GBK"),
        (b"a\x00b", "no CSV in UTF-8 or GBK"),
        (b"\xff\xff\xff", "neither UTF-8 nor GBK"),
        (b'a,b\n"x,1\n', "is it CSV"),
        (b'a,b\n"x"y,1\n', "is it CSV"),
        (b"a" + b"," * 60, "more than 40 columns"),
        (b"PK\x03\x04", "no workbook that can be read"),
        (b"PK\x03\x04" + b"x" * 500, "no workbook that can be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel format"),
        (b"a,b\n" + b"1,2\n" * 5001, "more than 5000 rows"),
        (b"x" * 5_000_001, "larger than 5000000 bytes"),
    ],
)
def test_a_file_that_is_no_list_is_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    with pytest.raises(FileError, match=sentence):
        read(path)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(FileError, match="cannot be read"):
            read(path)


def test_a_workbook_with_more_than_one_list_or_too_many_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for _ in range(2):
        book.create_sheet().append(["number"])
    book.save(tmp_path / "two.xlsx")
    with pytest.raises(FileError, match="2 sheets with content"):
        read(tmp_path / "two.xlsx")
    with pytest.raises(FileError, match="more than 5000 rows"):
        read(xlsx_of(tmp_path, [["a"]] * 5002))
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.cell(1, 1, "number")
    page.cell(50_000, 1, "far down")
    book.save(tmp_path / "far.xlsx")
    assert [number for number, _ in read(tmp_path / "far.xlsx").rows] == [50_000], "nothing is cut off unseen"


def test_a_workbook_that_unpacks_to_very_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = xlsx_of(tmp_path, [["a"], ["x" * 30_000]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/media/zeros", bytes(200_000))
    monkeypatch.setattr(sheet, "UNPACKED_BYTES_MAX", 100_000)
    with pytest.raises(FileError, match="unpacks to more than"):
        read(path)


BOMB = """<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "lol">%s]>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">
<c r="A1" t="inlineStr"><is><t>&l30;</t></is></c></row></sheetData></worksheet>"""


def test_a_workbook_whose_xml_grows_without_end(tmp_path: Path) -> None:
    source = xlsx_of(tmp_path, [["a"]])
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 31))
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            bomb = name == "xl/worksheets/sheet1.xml"
            new.writestr(name, (BOMB % entities).encode() if bomb else old.read(name))
    with pytest.raises(FileError, match="no workbook that can be read"):
        read(path)


def test_no_damaged_file_crashes_it(tmp_path: Path) -> None:
    rng = random.Random(6)
    sources = [xlsx_of(tmp_path, [list(HEADER.split(",")), *map(list, GOOD)]), csv_of(tmp_path, GOOD)]
    path = tmp_path / "damaged"
    for source in sources:
        whole = source.read_bytes()
        for _ in range(150):
            harmed = bytearray(whole[: rng.randrange(1, len(whole))] if rng.random() < 0.3 else whole)
            for _ in range(rng.randrange(1, 8)):
                harmed[rng.randrange(len(harmed))] = rng.randrange(256)
            path.write_bytes(harmed)
            try:
                read(path)
            except FileError as error:
                assert str(error).startswith(str(path))
