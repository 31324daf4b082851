"""Promises that a query each holds, in a time that grows with the books and not with their square."""

from contextlib import closing
from pathlib import Path

import pytest

from host.db import engine
from host.ledger import late, loads, purse, waiting
from host.ledger.books import book
from host.ledger.chart import HOUSE
from host.ledger.purse import CardMove
from host.ledger.verify import desk, doors, online, passes, promises, tables
from tests.host.ledger.verify.hand import tamper
from tests.host.looks import faults, holds
from tests.host.rig import Shop


def test_no_row_that_is_looked_at_has_all_transfers_looked_through(tmp_path: Path) -> None:
    books = tmp_path / "books.db"
    engine.create_or_open(books)
    with closing(engine.connect(books)) as connection:
        for _, query, sentence in (
            *(*tables.RULES, *online.RULES, *doors.RULES),
            *(*passes.RULES, *desk.RULES),
        ):
            steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}")]
            inner = steps[next((at for at, step in enumerate(steps) if "CORRELATED" in step), len(steps)) :]
            slow = [step for step in inner if step.startswith("SCAN m") or "m USING AUTOMATIC" in step]
            assert slow == [], (sentence, steps)


@pytest.mark.parametrize(
    "edit",
    ["reference = 'transaction:1'", "change_fen = 499", "value_fen = 1", "tmc = 9", "purse = purse + 1"],
)
def test_a_top_up_that_was_found_is_held_against_the_one_that_was_voided(shop: Shop, edit: str) -> None:
    shop.connected()
    card = shop.card(1_000)
    with book(shop.opened.database) as books:
        loads.plan_load(books, CardMove(card.uid, 1, 2, 500, 1_500), "operator:desk", 5, 100)
        waiting.release(books, card.uid, 1, (HOUSE, "refunds"), "operator:desk")
    with book(shop.opened.database) as books:
        found = purse.open_(books, card.uid, 1, known=True)
        purse.book_sale(books, "sale", found, CardMove(card.uid, 1, 3, -200, 1_300), "K1", 5)
        assert late.cover(books, found, 3) == 200 - 500
    holds(shop)
    tamper(shop, f"UPDATE transactions SET {edit} WHERE kind = 'found'")
    assert "which is no voided top-up of that card" in faults(shop)[promises.MOVES]
