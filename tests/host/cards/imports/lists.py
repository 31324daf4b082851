"""Lists of old cards for tests, as their owners' programs write them."""

from pathlib import Path
from typing import Any

import openpyxl

HEADER = "number,uid,balance,points"
GOOD = [
    ("VIP-0001", "00A2B304", "12.50", "30"),
    ("VIP-0002", "04A2B304050680", "0", ""),
    ("VIP-0003", "0012345678ABCDEF", "1,234.05", "0"),
    ("VIP-0004", "04 A2 B3 04 05 06 07 08 09 10", "", "7"),
]


def csv_of(tmp_path: Path, rows: list[tuple[str, ...]], header: str = HEADER, name: str = "old.csv") -> Path:
    """In UTF-8; values with commas are quoted."""
    lines = [header, *(",".join(f'"{value}"' if "," in value else value for value in row) for row in rows)]
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def xlsx_of(tmp_path: Path, rows: list[list[Any]], name: str = "old.xlsx", text: bool = True) -> Path:
    """The header and rows; text: strings that begin with = stay what they are."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for values in rows:
        sheet.append(values)
    if text:
        for cells in sheet.iter_rows():
            for cell in cells:
                if isinstance(cell.value, str):
                    cell.data_type = "s"
    path = tmp_path / name
    book.save(path)
    return path
