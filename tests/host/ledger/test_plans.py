"""Transactions that wait: planned, then posted, voided or expired."""

import pytest

from host.db.engine import Database
from host.ledger.asked import state_of
from host.ledger.books import book
from host.ledger.terms import EXPIRED, POSTED, VOIDED, LedgerError, Overdraft, Transfer
from tests.host.ledger.test_books import pair, rows, why


def test_a_planned_transaction_moves_nothing_until_posted_and_ends_once(database: Database) -> None:
    with book(database) as books:
        cash, card = pair(books)
        number = books.plan(why(), [Transfer(cash, card, 500), Transfer(cash, card, 7)])
        assert books.account(card).balance == 0
        posted = books.end(number, POSTED, why(None))
        assert books.account(card).balance == 507
        for state in (POSTED, VOIDED, EXPIRED):
            with pytest.raises(LedgerError, match="is posted, not pending"):
                books.end(number, state, why(None))
            with pytest.raises(LedgerError, match="is posted, not pending"):
                books.end(posted, state, why(None))
    with book(database) as books, pytest.raises(LedgerError, match="is posted, not pending"):
        books.end(number, VOIDED, why(None))
    assert rows(database, "SELECT id, state, ends, first_transfer FROM transactions ORDER BY id") == [
        (number, "pending", None, None),
        (posted, "posted", number, 1),
    ]
    assert [row[0] for row in rows(database, "SELECT amount FROM transfers ORDER BY id")] == [500, 7]


@pytest.mark.parametrize("state", [VOIDED, EXPIRED])
def test_a_transaction_that_ended_otherwise_never_moves(database: Database, state: str) -> None:
    with book(database) as books:
        number = books.plan(why(), [Transfer(*pair(books), 500)])
    with book(database) as books:
        assert state_of(books.connection, number) == "pending"
        books.end(number, state, why(None))
        with pytest.raises(LedgerError, match=f"is {state}, not pending"):
            books.end(number, POSTED, why(None))
    assert rows(database, "SELECT balance FROM accounts") == [(0,), (0,)]


@pytest.mark.parametrize("state", ["pending", "lost", ""])
def test_a_transaction_ends_in_one_of_three_ways(database: Database, state: str) -> None:
    with book(database) as books:
        number = books.plan(why(), [Transfer(*pair(books), 500)])
        with pytest.raises(LedgerError, match="posted, voided or expired"):
            books.end(number, state, why(None))
        books.end(number, VOIDED, why(None))


def test_a_plan_that_is_not_covered_when_posted_stays_pending(database: Database) -> None:
    with book(database) as books:
        cash, bonus = books.open_("house", "cash"), books.open_("card:04:1", "bonus")
        number = books.plan(why(), [Transfer(bonus, cash, 5)])
        with pytest.raises(Overdraft):
            books.end(number, POSTED, why(None))
        books.post(why("2"), [Transfer(cash, bonus, 5)])
        books.end(number, POSTED, why(None))
        assert books.account(bonus).balance == 0


def test_an_unknown_transaction_has_no_state(database: Database) -> None:
    with database.read() as connection, pytest.raises(LedgerError, match="there is no transaction 9"):
        state_of(connection, 9)


def test_several_may_be_planned_at_once(database: Database) -> None:
    with book(database) as books:
        cash, card = pair(books)
        first = books.plan(why("1"), [Transfer(cash, card, 500)])
        second = books.plan(why("2"), [Transfer(cash, card, 7), Transfer(cash, card, 8)])
    assert rows(database, "SELECT * FROM plans ORDER BY transaction_id, place") == [
        (first, 0, cash, card, 500),
        (second, 0, cash, card, 7),
        (second, 1, cash, card, 8),
    ]


def test_a_plan_is_no_report_so_it_takes_no_card_below_zero(database: Database) -> None:
    with book(database) as books:
        cash, card = pair(books)
        number = books.plan(why(), [Transfer(card, cash, 5)])
        with pytest.raises(Overdraft):
            books.end(number, POSTED, why(None))
