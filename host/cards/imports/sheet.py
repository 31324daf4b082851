"""A file from a stranger -> its header and rows of cells, each still saying what it was there.

What a spreadsheet program did to a value before we saw it can't be undone: a UID that became a number has
lost its zeros. So cells keep their kind, and whoever reads a column says which kinds he takes.
"""

import csv
import hashlib
import io
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

FILE_BYTES_MAX = 5_000_000
UNPACKED_BYTES_MAX = 50_000_000
ROWS_MAX = 5000  # of one file: its transaction holds the books for some seconds
COLUMNS_MAX = 40
CELL_MAX = 200  # characters
ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
SEPARATORS = ",;\t"
FORMULA_MARKS = ("=", "@", "+")


class FileError(Exception):
    """The file as a whole can't be read; str() says what to do."""


class Kind(Enum):
    """What a cell was in the file."""

    TEXT = "text"
    NUMBER = "a number"
    DATE = "a date"
    FORMULA = "a formula"
    OTHER = "an error or a yes/no value"


@dataclass(frozen=True)
class Cell:
    """text: what it holds, without spaces around; full-width characters as their plain ones."""

    text: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Sheet:
    """rows: (number as the program that made the file counts, cells); empty rows are left out."""

    sha256: bytes
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


def read(path: Path) -> Sheet:
    """The file's first row as header, and all rows after it. FileError."""
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from None
    if len(content) > FILE_BYTES_MAX:
        raise FileError(f"{path} is larger than {FILE_BYTES_MAX} bytes: split it.")
    if content.startswith(OLD_EXCEL):
        raise FileError(f"{path} is in an old Excel format: save it as .xlsx or CSV.")
    found = _xlsx(content, path) if content.startswith(ZIP) else _csv(content, path)
    rows = []
    for number, cells in found:
        if any(cell.text for cell in cells):
            rows.append((number, cells))
            if len(rows) > ROWS_MAX + 1:
                raise FileError(f"{path} has more than {ROWS_MAX} rows: split it.")
    if not rows:
        raise FileError(f"{path} is empty: the first row names the columns, each further one is a card.")
    return Sheet(hashlib.sha256(content).digest(), tuple(cell.text for cell in rows[0][1]), tuple(rows[1:]))


def _clean(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()[: CELL_MAX + 1]


def _csv(content: bytes, path: Path) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    text = _decoded(content, path)
    first = text.partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    try:
        for number, fields in enumerate(lines, 1):
            if len(fields) > COLUMNS_MAX:
                raise FileError(f"{path}, row {number} has more than {COLUMNS_MAX} columns.")
            yield number, tuple(_csv_cell(field) for field in fields)
    except csv.Error as error:
        raise FileError(f"{path}, after row {number}: {error}; is it CSV?") from None


def _csv_cell(field: str) -> Cell:
    text = _clean(field)
    return Cell(text, Kind.FORMULA if text.startswith(FORMULA_MARKS) else Kind.TEXT)


def _decoded(content: bytes, path: Path) -> str:
    """UTF-8, with or without its mark, else GB 18030, which GBK is a part of."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content:
        raise FileError(f"{path} is no CSV in UTF-8 or GBK: save it so.")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeError:
            continue
    raise FileError(f"{path} is neither UTF-8 nor GBK: save it as CSV in UTF-8.")


def _xlsx(content: bytes, path: Path) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    from openpyxl import load_workbook  # takes longer than all the rest of a command's start

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED_BYTES_MAX:
                raise FileError(f"{path} unpacks to more than {UNPACKED_BYTES_MAX} bytes.")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheets = [_rows(sheet, path) for sheet in book.worksheets]
        filled = [rows for rows in sheets if rows]
    except FileError:
        raise
    except Exception as error:  # of a parser that a stranger's file may break anywhere
        raise FileError(f"{path} is no workbook that can be read ({type(error).__name__}).") from None
    if len(filled) > 1:
        raise FileError(f"{path} has {len(filled)} sheets with content: keep one.")
    yield from filled[0] if filled else ()


def _rows(sheet: Any, path: Path) -> list[tuple[int, tuple[Cell, ...]]]:
    """Those with content. The sheet's own word on its size is not believed."""
    sheet.reset_dimensions()
    rows = []
    for number, cells in enumerate(sheet.iter_rows(max_col=COLUMNS_MAX), 1):
        if any(cell.value is not None for cell in cells):
            rows.append((number, tuple(_cell(cell) for cell in cells)))
            if len(rows) > ROWS_MAX + 1:
                raise FileError(f"{path} has more than {ROWS_MAX} rows: split it.")
    return rows


def _cell(cell: Any) -> Cell:
    """openpyxl's cell; its numbers by the 15 digits that spreadsheet programs show."""
    value, kind = cell.value, cell.data_type
    if value is None:
        return Cell("")
    if kind == "f" or (isinstance(value, str) and value.startswith("=")):
        return Cell(_clean(str(value)), Kind.FORMULA)
    if isinstance(value, str) and kind != "e":
        return Cell(_clean(value))
    if kind == "d" or cell.is_date:
        return Cell(_clean(str(value)), Kind.DATE)
    if kind == "n" and not isinstance(value, bool):
        return Cell(f"{value:.15g}" if isinstance(value, float) else str(value), Kind.NUMBER)
    return Cell(_clean(str(value)), Kind.OTHER)
