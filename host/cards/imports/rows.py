"""Rows of a sheet -> old cards, or what is wrong with each, by column."""

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from host.cards import plain
from host.cards.imports.sheet import CELL_MAX, Cell, FileError, Kind, Sheet
from host.cards.registry import RegistryError

NUMBER, UID, BALANCE, POINTS = "number", "uid", "balance", "points"
NAMES = {
    NUMBER: ("number", "cardnumber", "卡号", "会员卡号"),
    UID: ("uid", "idm", "物理卡号", "芯片号"),
    BALANCE: ("balance", "balance(yuan)", "余额", "余额(元)"),
    POINTS: ("points", "积分"),
}
NUMBER_MAX = 32
BALANCE_FEN_MAX = 10_000_000  # 100,000 yuan on one card
POINTS_MAX = 1_000_000_000
_DIGITS = (8, 14, 16, 20)
_EXPONENT = re.compile(r"[0-9]+(\.[0-9]+)?[Ee]\+?[0-9]+")  # 4E+12; 04E30001 may be a UID
_AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,30})?")


@dataclass
class Row:
    """One card of the list; errors: [(column, sentence)], and then the other fields may be of no use."""

    row: int
    number: str = ""
    uid: bytes = b""
    balance_fen: int = 0
    points: int = 0
    errors: list[tuple[str, str]] = field(default_factory=list)

    def wrong(self, column: str, sentence: str) -> None:
        """Something is wrong with this column."""
        self.errors.append((column, sentence))


def columns(sheet: Sheet) -> dict[str, int]:
    """Where each column is; FileError when one is missing or there twice. Other columns are not looked at."""
    known = {name: column for column, names in NAMES.items() for name in names}
    found: dict[str, int] = {}
    for at, title in enumerate(sheet.header):
        column = known.get("".join(title.lower().split()))
        if column in found:
            raise FileError(f"The first row names the column {column} twice.")
        if column is not None:
            found[column] = at
    for column in (NUMBER, UID):
        if column not in found:
            raise FileError(
                f"The first row has no column {column} ({', '.join(NAMES[column])}): it names the columns "
                "number, uid, balance, points."
            )
    return found


def parsed(sheet: Sheet) -> list[Row]:
    """All rows; what stands in two of them is an error of both. FileError for the header."""
    places = columns(sheet)
    rows = [_row(number, cells, places) for number, cells in sheet.rows]
    _named_twice(rows)
    return rows


def _row(number: int, cells: tuple[Cell, ...], places: dict[str, int]) -> Row:
    row = Row(number)
    given = {
        column: cells[places[column]] if places.get(column, CELL_MAX) < len(cells) else Cell("")
        for column in NAMES
    }
    for column, cell in given.items():
        if len(cell.text) > CELL_MAX:
            row.wrong(column, f"has more than {CELL_MAX} characters")
        elif cell.kind in (Kind.DATE, Kind.FORMULA, Kind.OTHER):
            row.wrong(column, f"is {cell.kind.value}: format the column as text and enter it anew")
        elif cell.kind is Kind.NUMBER and column in (NUMBER, UID):
            row.wrong(
                column,
                f"was stored as a number ({cell.text}), so leading zeros may be lost: format the column as "
                "text and enter it anew",
            )
        else:
            _READERS[column](row, cell.text)
    return row


def _number(row: Row, text: str) -> None:
    row.number = text
    if not text:
        row.wrong(NUMBER, "is empty")
    elif len(text) > NUMBER_MAX or not text.isprintable():
        row.wrong(NUMBER, f"must be 1 to {NUMBER_MAX} characters that can be printed")


def _uid(row: Row, text: str) -> None:
    digits = re.sub(r"[ :-]", "", text)
    if not digits:
        row.wrong(UID, "is empty")
    elif _EXPONENT.fullmatch(text) and (len(digits) not in _DIGITS or not text.isalnum()):
        row.wrong(UID, f"{text} was written by a spreadsheet as a number: enter it anew in a text column")
    elif not re.fullmatch(r"[0-9A-Fa-f]+", digits):
        row.wrong(UID, f"{text} is not hex: only the digits 0-9 and A-F")
    elif len(digits) not in _DIGITS:
        row.wrong(
            UID, f"{text} has {len(digits)} hex digits, a UID has 8, 14, 16 or 20: were leading zeros lost?"
        )
    else:
        row.uid = bytes.fromhex(digits)
        try:
            plain.must_be_a_uid(row.uid)
        except RegistryError as error:
            row.wrong(UID, str(error))


def _balance(row: Row, text: str) -> None:
    value = _decimal(row, BALANCE, text.removeprefix("¥"))
    if value is None:
        return
    fen = value * 100
    if fen != fen.to_integral_value():
        row.wrong(BALANCE, f"{text} yuan is no whole number of fen: two digits after the point")
    elif not 0 <= fen <= BALANCE_FEN_MAX:
        row.wrong(BALANCE, f"{text} yuan is not between 0 and {BALANCE_FEN_MAX // 100}")
    else:
        row.balance_fen = int(fen)


def _points(row: Row, text: str) -> None:
    value = _decimal(row, POINTS, text)
    if value is None:
        return
    if value != value.to_integral_value() or not 0 <= value <= POINTS_MAX:
        row.wrong(POINTS, f"{text} is no whole number between 0 and {POINTS_MAX}")
    else:
        row.points = int(value)


def _decimal(row: Row, column: str, text: str) -> Decimal | None:
    """An empty cell is nothing. Commas between thousands are understood where they stand right."""
    if not text:
        return None
    if re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", text):
        text = text.replace(",", "")
    try:
        if _AMOUNT.fullmatch(text):
            return Decimal(text)
    except InvalidOperation:
        pass
    row.wrong(column, f"{text} is no number")
    return None


_READERS = {NUMBER: _number, UID: _uid, BALANCE: _balance, POINTS: _points}


def _named_twice(rows: list[Row]) -> None:
    for column in (NUMBER, UID):
        first: dict[object, Row] = {}
        for row in rows:
            value = row.number if column == NUMBER else row.uid
            if not value:
                continue
            other = first.setdefault(value, row)
            if other is not row:
                row.wrong(column, f"is in row {other.row} too")
                if not any(
                    sentence.startswith("is in row") for named, sentence in other.errors if named == column
                ):
                    other.wrong(column, f"is in row {row.row} too")
