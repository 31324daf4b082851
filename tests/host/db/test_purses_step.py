"""The step that puts what a card said last beside its balance: with cards, gaps and other accounts."""

from pathlib import Path

import pytest

from host.db import engine
from host.db.connection import breaches
from host.ledger import purse
from host.ledger.books import book
from host.ledger.purse import CardMove
from host.ledger.terms import Transfer, Why
from tests.host.db.test_schema import content, migrate

WHY = Why("take", None, "operator:desk", 0)
UIDS = (b"\4abcdef", b"\5abcdef")
BEFORE, STEP = "0029", "0030"


def sell(place: Path | str, uid: bytes, *counters: int) -> None:
    database = engine.open_existing(place)
    with book(database) as books:
        found = purse.open_(books, uid, 1, known=True)
        for tmc in counters:
            purse.book_sale(books, "sale", found, CardMove(uid, 1, tmc, -5, 500 - 5 * tmc), "K1", 7)
    database.close()


def said(place: Path | str, sql: str) -> list[tuple[object, ...]]:
    connection = engine.connect(place)
    try:
        return connection.tuples(sql)
    finally:
        connection.close()


OLD = "SELECT account_id, tmc, value_fen, missing, last_move FROM purses ORDER BY account_id"
NEW = (
    "SELECT a.id, a.tmc, a.value_fen, a.missing, a.last_move FROM accounts a"
    " JOIN purses p ON p.account_id = a.id ORDER BY a.id"
)
OTHERS = (
    "SELECT count(*) FROM accounts WHERE id NOT IN (SELECT account_id FROM purses)"
    " AND (tmc <> 0 OR value_fen <> 0 OR missing <> 0 OR last_move IS NOT NULL)"
)


def test_what_cards_said_moves_up_and_down_with_them(place: Path | str) -> None:
    database = engine.create_or_open(place)
    with book(database) as books:
        cash, card = books.open_("house", "cash"), purse.open_(books, UIDS[0], 1, known=True)
        books.post(WHY, [Transfer(cash, card.account_id, 500)])
    database.close()
    sell(place, UIDS[0], 1, 2, 5)
    sell(place, UIDS[1])
    here, before = said(place, NEW), content(place)
    assert [row[1:4] for row in here] == [(5, 475, 2), (0, 0, 0)], "the second never said anything"
    for _ in range(2):
        migrate(place, BEFORE)
        assert said(place, OLD) == here and content(place) == before
        migrate(place, STEP)
        assert said(place, NEW) == here and content(place) == before
        assert said(place, OTHERS) == [(0,)]
    migrate(place, "head")
    sell(place, UIDS[0], 3)
    assert said(place, NEW)[0][1:4] == (5, 475, 1), "a gap closes as if nothing had been moved"


@pytest.mark.parametrize("version", [BEFORE, STEP])
def test_fewer_than_no_counter_cannot_be_missing(place: Path | str, version: str) -> None:
    engine.create_or_open(place).close()
    sell(place, UIDS[0], 2)
    migrate(place, version)
    table = "purses" if version == BEFORE else "accounts"
    connection = engine.connect(place)
    with pytest.raises(breaches()):
        connection.execute(f"UPDATE {table} SET missing = -1")
    connection.close()
