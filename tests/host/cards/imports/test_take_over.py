"""A list is taken over whole, once, or not at all."""

from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from host.cards import hotlist, plain, registry
from host.cards.imports import FileError, Report, read, take_over
from host.cards.imports.take_over import check
from host.ledger import accounts, lots
from host.ledger.chart import card_owner
from tests.host.cards.imports.lists import GOOD, HEADER, csv_of, xlsx_of
from tests.host.looks import holds
from tests.host.rig import Shop

WHO, SECOND = "operator:ann", "operator:bob"


def take(shop: Shop, path: Path) -> Report:
    return take_over(shop.opened.database, read(path), path.name, WHO, SECOND)


def content(shop: Shop) -> list[object]:
    names = ("cards", "card_states", "accounts", "transactions", "transfers", "lots", "imports")
    return [shop.query(f"SELECT count(*) FROM {name}") for name in names]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_is_taken_over(shop: Shop, tmp_path: Path, kind: str) -> None:
    rows = [HEADER.split(","), *map(list, GOOD)]
    path = csv_of(tmp_path, GOOD) if kind == "csv" else xlsx_of(tmp_path, rows)
    report = take(shop, path)
    assert report.imported and report.faulty == []
    assert report.lines() == ["4 cards, 1246.55 yuan, 37 points"]
    found = [shop.look(registry.to_json, card) for card in shop.look(registry.present)]
    assert [(card["number"], card["uid"], card["balance_fen"]) for card in found] == [
        ("VIP-0001", "00A2B304", 1250),
        ("VIP-0002", "04A2B304050680", 0),
        ("VIP-0003", "0012345678ABCDEF", 123_405),
        ("VIP-0004", "04A2B304050607080910", 0),
    ]
    assert {(card["kind"], card["weak"], card["state"]) for card in found} == {("plain", True, "active")}
    for card, points in (("00A2B304", 30), ("04A2B304050607080910", 7)):
        account = shop.look(accounts.find, card_owner(bytes.fromhex(card), 1), "points", "points")
        assert account is not None and shop.look(lots.spendable, account, 2**40) == points
    opening = shop.look(accounts.find, "house", "opening")
    assert opening is not None and shop.look(accounts.balance, opening) == -124_655
    assert shop.query("SELECT name, cards, balance_fen, points, who, second FROM imports") == [
        (path.name, 4, 124_655, 37, WHO, SECOND)
    ]
    assert {who for (who,) in shop.query("SELECT who FROM transactions")} == {WHO}
    holds(shop)


def test_the_same_file_again_does_nothing(shop: Shop, tmp_path: Path) -> None:
    path = csv_of(tmp_path, GOOD)
    take(shop, path)
    before = content(shop)
    report = take(shop, path)
    assert report.earlier_s is not None and not report.imported and report.faulty == []
    assert content(shop) == before
    changed = csv_of(tmp_path, [*GOOD, ("VIP-9", "04A2B30405FFFF", "1", "")])
    report = take(shop, changed)
    assert [row.row for row in report.faulty] == [2, 3, 4, 5], "each card that is there is named"
    assert report.faulty[0].errors == [
        ("number", "VIP-0001 is in the books already"),
        ("uid", "00A2B304 is in the books already, as plain card VIP-0001"),
    ]
    assert content(shop) == before


def test_one_bad_row_and_nothing_is_taken_over(shop: Shop, tmp_path: Path) -> None:
    before = content(shop)
    for bad in (("VIP-0001", "05A2B304", "1", ""), ("N", "x", "1", ""), ("N", "05A2B304", "-1", "")):
        report = take(shop, csv_of(tmp_path, [*GOOD, bad]))
        assert not report.imported and 6 in [row.row for row in report.faulty]
        assert content(shop) == before


def test_a_fault_in_the_middle_leaves_nothing(shop: Shop, tmp_path: Path, mocker: MockerFixture) -> None:
    before = content(shop)
    mocker.patch("host.cards.imports.take_over.lots.earn", side_effect=[1, KeyboardInterrupt])
    with pytest.raises(KeyboardInterrupt):
        take(shop, csv_of(tmp_path, GOOD))
    assert content(shop) == before
    mocker.stopall()
    assert take(shop, csv_of(tmp_path, GOOD)).imported


def test_cards_that_are_listed_or_other_cards_numbers(shop: Shop, tmp_path: Path) -> None:
    purse = shop.card(0)
    with shop.opened.database.write() as connection:
        hotlist.add(connection, bytes.fromhex("00A2B304"), "listed", WHO)
    rows = [GOOD[0], ("000000000001", "05A2B304", "", ""), ("N3", purse.uid.hex(), "1", "")]
    report = take(shop, csv_of(tmp_path, rows))
    assert [row.errors for row in report.rows] == [
        [("uid", "00A2B304 is on the hotlist")],
        [("number", "000000000001 is in the books already")],
        [("uid", f"{purse.uid.hex().upper()} is in the books already, as purse card 000000000001")],
    ]


def test_a_trial_writes_nothing(shop: Shop, tmp_path: Path) -> None:
    before = content(shop)
    report = shop.look(check, read(csv_of(tmp_path, GOOD)))
    assert not report.imported and report.balance_fen == 124_655 and content(shop) == before
    with pytest.raises(FileError, match="names no cards"):
        shop.look(check, read(csv_of(tmp_path, [])))


def test_the_report_by_row(shop: Shop, tmp_path: Path) -> None:
    report = shop.look(check, read(csv_of(tmp_path, [GOOD[0], ("N2", "x", "1.005", "")])))
    told = report.to_json()
    assert (told["cards"], told["faulty"], told["imported"], told["earlier_s"]) == (2, 1, False, None)
    assert told["rows"][0] == {
        "row": 2,
        "number": "VIP-0001",
        "uid": "00A2B304",
        "balance_fen": 1250,
        "points": 30,
        "errors": [],
    }
    assert [error["column"] for error in told["rows"][1]["errors"]] == ["uid", "balance"]
    assert report.lines()[0] == "row 3, uid: x is not hex: only the digits 0-9 and A-F"


def test_an_imported_card_pays(shop: Shop, tmp_path: Path) -> None:
    take(shop, csv_of(tmp_path, GOOD))
    card = shop.look(registry.known, bytes.fromhex("00A2B304"))
    with shop.opened.database.write() as connection:
        assert plain.may_pay(connection, card, 1250, None, 0) is None
        assert plain.may_pay(connection, card, 1251, None, 0) == plain.BALANCE
