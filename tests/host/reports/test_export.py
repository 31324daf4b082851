import os
import re
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core import data, realization

from host.db.engine import Database
from host.ledger.books import book
from host.ledger.terms import Transfer, Why
from host.reports import export, names
from host.reports.books import Days
from tests.host.process import refuses, run
from tests.host.reports.books_of_all_kinds import DESK, ODD, fill
from tests.host.rig import Shop

ALWAYS = Days()


@pytest.fixture
def filled(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    fill(database, monkeypatch)
    return database


def text_of(database: Database, name: str = "beancount", days: Days = ALWAYS) -> str:
    with database.read() as connection:
        return "".join(export.ledger(connection, export.FORMATS[name], days))


def read(text: str) -> list[Any]:
    entries, errors, _ = loader.load_string(text)
    assert not errors, [error.message for error in errors]
    return list(entries)


def of_type(entries: list[Any], kind: type) -> Iterator[Any]:
    return (entry for entry in entries if isinstance(entry, kind))


def balances_of(entries: list[Any]) -> dict[tuple[str, str], Decimal]:
    """What Beancount computes: {(account, commodity): sum}, without nothings."""
    accounts = realization.realize(entries)
    found = {}
    for opened in of_type(entries, data.Open):
        real = realization.get(accounts, opened.account)
        for position in real.balance:
            found[opened.account, position.units.currency] = position.units.number
    return found


def ours(database: Database) -> dict[tuple[str, str], Decimal]:
    with database.read() as connection:
        rows = connection.execute(
            "SELECT kind, owner, unit, balance FROM accounts WHERE balance <> 0"
        ).fetchall()
    return {
        (names.account(kind, owner), unit.upper()): Decimal(-balance).scaleb(-2 if unit == "CNY" else 0)
        for kind, owner, unit, balance in rows
    }


def test_beancount_reads_it_without_a_complaint_and_computes_our_balances(filled: Database) -> None:
    entries = read(text_of(filled))
    assert balances_of(entries) == ours(filled)
    assert balances_of(entries)["Liabilities:Cards:Bonus:Card--04A1B2C3D4E5F6--1", "CNY"] == Decimal("-99.94")
    assert balances_of(entries)["Liabilities:Points:Member--7", "POINTS"] == -30
    assert {"POINTS", "VISITS", "MINUTES", "VOUCHERS"} <= {unit for _, unit in balances_of(entries)}
    asserted = {entry.date for entry in of_type(entries, data.Balance)}
    assert asserted == {date(2026, 3, 6)}


def test_every_posted_transaction_is_there_once_with_what_is_known_of_it(filled: Database) -> None:
    sold = {entry.meta["id"]: entry for entry in of_type(read(text_of(filled)), data.Transaction)}
    with filled.read() as connection:
        posted = connection.execute("SELECT id FROM transactions WHERE state = 'posted'").fetchall()
        link = connection.execute(
            "SELECT hex(link) FROM transactions WHERE kind = 'sale' AND tmc = 4"
        ).fetchone()
    assert set(sold) == {row[0] for row in posted}
    (sale,) = [entry for entry in sold.values() if entry.payee == "sale" and entry.meta["counter"] == 4]
    assert (sale.date, sale.narration) == (date(2026, 3, 2), "04A1B2C3D4E5F6.1.4")
    of_beancount = ("id", "filename", "lineno", "__tolerances__")
    known = {name: value for name, value in sale.meta.items() if name not in of_beancount}
    assert known == {
        "who": "kiosk:front-door",
        "kiosk": "front-door",
        "card": "04A1B2C3D4E5F6.1",
        "counter": 4,
        "happened": "2026-03-01T11:00:00Z",
        "booked": "2026-03-02T12:00:00Z",
        "hash": link[0].lower(),
    }
    load = next(entry for entry in sold.values() if entry.payee == "load")
    assert load.narration == "04A1B2C3D4E5F6.1.1.1" and load.meta["ends"] == 1, "the plan's reference"
    unknown = next(entry for entry in sold.values() if entry.meta.get("kiosk") == "K2")
    assert unknown.meta["happened"] == str(2**53), "no calendar has that day"


def test_texts_of_any_kind_come_back_as_they_are(filled: Database) -> None:
    found = [entry for entry in of_type(read(text_of(filled)), data.Transaction) if "kind" in entry.payee]
    seen = ODD.replace("\x01", "\\x01")
    assert {entry.narration for entry in found} >= {f" {seen}", f"{seen} {seen}"}
    assert {entry.meta["who"] for entry in found} == {seen}


def test_a_fen_of_difference_is_found_by_beancount(filled: Database) -> None:
    with filled.write() as connection:
        connection.execute("UPDATE accounts SET balance = balance - 1 WHERE kind = 'bank'")
    _, errors, _ = loader.load_string(text_of(filled))
    assert len(errors) == 1 and "Balance failed for 'Assets:Bank:House'" in errors[0].message


def test_any_days_end_with_the_balances_of_that_day(filled: Database) -> None:
    for first, last in ((1, 1), (1, 3), (2, 2), (3, 5), (4, None), (5, 9), (6, 6), (6, None)):
        days = Days(date(2026, 3, first), date(2026, 3, last) if last else None)
        entries = read(text_of(filled, days=days))
        found = balances_of(entries)
        assert not [account for account, _ in found if account == names.OPENING], "openings sum to nothing"
        assert found == balances_of(read(text_of(filled, days=Days(last=days.last))))
        booked = {entry.date for entry in of_type(entries, data.Transaction) if "id" in entry.meta}
        assert booked == {date(2026, 3, day) for day in range(first, (last or 5) + 1) if day <= 5}
        asserted = {entry.date.day for entry in of_type(entries, data.Balance)}
        assert asserted == {max([first, *(day.day for day in booked)]) + 1}


@pytest.mark.parametrize(
    "first, last, asserted",
    [
        (date(1960, 1, 1), date(1960, 1, 31), [date(1970, 1, 2)]),
        (date.min, None, [date(2026, 3, 6)]),
        (date(9999, 12, 30), None, [date.max]),
        (date.max, date.max, []),
    ],
)
def test_days_on_which_no_books_were_kept_are_read_too(
    filled: Database, first: date, last: date | None, asserted: list[date]
) -> None:
    text = text_of(filled, days=Days(first, last))
    assert sorted({entry.date for entry in of_type(read(text), data.Balance)}) == asserted
    assert text_of(filled, "hledger", Days(first, last))


def test_the_same_books_give_the_same_text(filled: Database) -> None:
    for name in export.FORMATS:
        assert text_of(filled, name) == text_of(filled, name)


def test_new_books_are_exported_too(database: Database) -> None:
    assert balances_of(read(text_of(database))) == {}
    assert "balances" not in text_of(database, "hledger")


HLEDGER_POSTING = re.compile(
    r"    (?P<account>\S+)  (?P<number>-?[\d.]+) (?P<unit>[A-Z]+)(?: = (?P<there>-?[\d.]+) [A-Z]+)?"
)


def test_hledgers_text_has_the_same_sums_and_asserts_them(filled: Database) -> None:
    """By its grammar, as far as we use it; test_hledger_itself asks the program."""
    sums: dict[tuple[str, str], Decimal] = {}
    for line in text_of(filled, "hledger").splitlines():
        found = HLEDGER_POSTING.fullmatch(line)
        if found is None:
            assert re.match(r"$|; |commodity |account |    ; [a-z]+: |\d{4}-\d\d-\d\d \* ", line), line
            continue
        key = found["account"], found["unit"]
        sums[key] = sums.get(key, Decimal(0)) + Decimal(found["number"])
        if found["there"]:
            assert sums[key] == Decimal(found["there"])
    assert {key: total for key, total in sums.items() if total} == ours(filled)


def test_hledger_itself_finds_nothing_wrong(filled: Database) -> None:
    program = shutil.which("hledger")
    if program is None:
        pytest.skip("needs apt package hledger")
    for days in (ALWAYS, Days(date(2026, 3, 2), date(2026, 3, 3))):
        for check in (["check", "--strict"], ["print"]):
            done = subprocess.run(
                [program, "-f", "-", *check],
                input=text_of(filled, "hledger", days),
                capture_output=True,
                text=True,
                timeout=60,
                env={"LANG": "C.UTF-8"},
            )
            assert done.returncode == 0, done.stderr


def test_the_stream_is_not_held_in_memory(database: Database) -> None:
    def grow(count: int) -> int:
        with book(database) as books:
            cash, bank = books.open_("house", "cash"), books.open_("house", "bank")
            for _ in range(count):
                books.post(Why("banked", None, DESK, 0), [Transfer(cash, bank, 1)])
        with database.read() as connection:
            tracemalloc.start()
            for _ in export.ledger(connection, export.FORMATS["beancount"], ALWAYS):
                pass
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return peak

    few, many = grow(6_000), grow(14_000)
    assert many < few * 1.5, (few, many)


def test_the_command_writes_what_the_function_gives(data: Path, shop: Shop, tmp_path: Path) -> None:
    shop.card(10_000)
    expected = text_of(shop.opened.database)
    asked = ("export", "ledger", "--data", str(data), "--format", "beancount")
    assert run(*asked).stdout == expected
    output = tmp_path / "books.beancount"
    done = run(*asked, "--output", str(output))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert output.read_text(encoding="utf-8") == expected
    assert run(*asked, "--from", "2000-01-01", "--to", "2000-01-02").stdout.count(" * ") == 0


def test_what_cannot_be_exported_is_one_sentence(data: Path, tmp_path: Path) -> None:
    asked = ("export", "ledger", "--data", str(data), "--format")
    for wrong in (
        ["gnucash"],
        ["hledger", "--from", "1.3.2026"],
        ["hledger", "--from", "2026-02-30"],
        ["hledger", "--from", "2026-03-02", "--to", "2026-03-01"],
    ):
        done = run(*asked, *wrong)
        assert done.returncode == 2 and done.stderr.count("Error: ") == 1 and "Traceback" not in done.stderr
    for output in (tmp_path, tmp_path / "none" / "books", Path("/dev/full")):
        sentence = refuses(4, *asked, "hledger", "--output", str(output))
        assert f"{output} cannot be written" in sentence
    assert "tapledger init" in refuses(4, "export", "ledger", "--data", str(tmp_path), "--format", "hledger")


def test_a_reader_that_goes_away_ends_it_with_a_sentence(data: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "host", "export", "ledger", "--data", str(data), "--format", "hledger"]
    try:
        done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=20)
    finally:
        os.close(writer)
    assert done.returncode == 4
    assert done.stderr.splitlines() == [
        "tapledger: Standard output cannot be written (Broken pipe): the export is not whole."
    ]


def test_what_no_card_s_counter_tells_names_no_card(database: Database) -> None:
    """An opening balance, a move of cash: not done by a purse."""
    with book(database) as books:
        cash, bank = books.open_("house", "cash"), books.open_("house", "bank")
        books.post(Why("move", None, DESK, 0), [Transfer(bank, cash, 5)])
    (entry,) = of_type(read(text_of(database)), data.Transaction)
    assert "card" not in entry.meta and not entry.narration
