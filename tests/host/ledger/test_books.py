from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from host.db import engine
from host.db.connection import breaches
from host.db.engine import Database
from host.ledger import accounts
from host.ledger.asked import transfers_of
from host.ledger.books import Books, book
from host.ledger.terms import (
    AMOUNT_MAX,
    POSTED,
    TRANSFERS_MAX,
    AlreadyBooked,
    LedgerError,
    Overdraft,
    Transfer,
    Why,
)

DESK = "operator:desk"
NO_TABS = "a transaction's texts hold no tabs: they stand between them in the chain"


def why(reference: str | None = "1", kind: str = "load") -> Why:
    return Why(kind, reference, DESK, 1)


def pair(books: Books) -> tuple[int, int]:
    """(cash, a card's account)"""
    return books.open_("house", "cash"), books.open_("card:04:1", "card")


def stand(books: Books) -> tuple[object, ...]:
    """All that a unit of work holds and has written by now."""
    books.flush()
    tables = ("accounts", "transactions", "transfers", "plans", "chains")
    held = [books.connection.tuples(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]
    return [(a.id, a.balance, a.last_transfer) for a in books.accounts.values()], held


def rows(database: Database, sql: str) -> list[tuple[Any, ...]]:
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(sql)]


def test_a_posting_moves_both_balances_and_keeps_what_was_after(database: Database) -> None:
    with book(database) as books:
        cash, card = pair(books)
        books.post(why(), [Transfer(cash, card, 500)])
        books.post(why("2"), [Transfer(card, cash, 200)])
        assert (books.account(card).balance, books.account(cash).balance) == (300, -300)
    with database.read() as connection:
        assert (accounts.balance(connection, card), accounts.balance(connection, cash)) == (300, -300)
    columns = "debit_id, credit_id, amount, debit_after, credit_after, debit_before, credit_before"
    assert rows(database, f"SELECT {columns} FROM transfers ORDER BY id") == [
        (cash, card, 500, -500, 500, None, None),
        (card, cash, 200, 300, -300, 1, 1),
    ]


def test_a_transaction_says_who_when_and_why(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.clock.now_s", lambda: 77)
    with book(database) as books:
        cash, card = pair(books)
        books.post(Why("sale", "r", DESK, 5, "K1", card, 3, -9, 91, None), [Transfer(cash, card, 9)])
    columns = (
        "kind, reference, who, happened_s, booked_s, kiosk, purse, tmc, change_fen, value_fen, first_transfer"
    )
    assert rows(database, f"SELECT {columns} FROM transactions") == [
        ("sale", "r", DESK, 5, 77, "K1", card, 3, -9, 91, 1)
    ]


@pytest.mark.parametrize("amount", [0, -1, 1.5, True, AMOUNT_MAX, None, "5"])
def test_what_is_no_amount_is_refused_whole(database: Database, amount: Any) -> None:
    with book(database) as books:
        cash, card = pair(books)
        before = stand(books)
        for ask in (books.post, books.plan):
            with pytest.raises(LedgerError, match=r"^an amount is a whole number above zero$"):
                ask(why(), [Transfer(cash, card, 5), Transfer(cash, card, amount)])
        assert stand(books) == before


def test_the_greatest_amount_is_booked(database: Database) -> None:
    with book(database) as books:
        cash, card = pair(books)
        books.post(why(), [Transfer(cash, card, AMOUNT_MAX - 1)])
        assert books.account(card).balance == AMOUNT_MAX - 1


def test_a_transaction_has_one_transfer_or_more_up_to_a_limit(database: Database) -> None:
    with book(database) as books:
        cash, card = pair(books)
        for count in (0, TRANSFERS_MAX + 1):
            with pytest.raises(LedgerError, match="1 to 1000 transfers"):
                books.post(why(), [Transfer(cash, card, 1)] * count)
        number = books.post(why(), [Transfer(cash, card, 1)] * TRANSFERS_MAX)
        books.post(why("2"), [Transfer(cash, card, 1)])
        books.flush()
        moved = transfers_of(books.connection, number, 1)
        assert moved == [Transfer(cash, card, 1)] * TRANSFERS_MAX


def test_one_account_alone_or_an_unknown_one_is_refused(database: Database) -> None:
    with book(database) as books:
        cash, card = pair(books)
        with pytest.raises(LedgerError, match=r"^a transfer moves between two different accounts$"):
            books.post(why(), [Transfer(card, card, 5)])
        for unknown in (Transfer(cash, 99, 5), Transfer(99, cash, 5)):
            with pytest.raises(LedgerError, match="there is no account 99"):
                books.post(why(), [unknown])


def test_what_a_transaction_touches_is_read_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So writers who want the same lock it in the same order; what is known is not read again."""
    with book(database) as books:
        cash, card = pair(books)
        bank = books.open_("house", "bank")
    with book(database) as books:
        asked, load = [], books.load
        books.load([cash])

        def asking(ids: Iterable[int]) -> None:
            asked.append(set(ids))
            load(ids)

        monkeypatch.setattr(books, "load", asking)
        for _ in range(2):
            books.post(why(None), [Transfer(cash, card, 99), Transfer(bank, card, 98)])
        assert asked == [{cash, card, bank}]


def test_a_transfer_stays_in_its_unit(database: Database) -> None:
    with book(database) as books:
        fen, points = books.open_("house", "issued"), books.open_("house", "issued", "points")
        assert fen != points
        with pytest.raises(LedgerError, match="a transfer stays in its unit: CNY is not points"):
            books.post(why(), [Transfer(fen, points, 5)])


def test_accounts_are_opened_once_and_only_as_the_chart_has_them(database: Database) -> None:
    with book(database) as books:
        cash, _card = pair(books)
        with pytest.raises(KeyError):
            books.open_("house", "gold")
        with pytest.raises(KeyError):
            books.open_("house", "cash", "ounces")
    with book(database) as books:
        assert books.open_("house", "cash") == cash
        assert accounts.find(books.connection, "house", "cash") == cash
        assert accounts.find(books.connection, "house", "cash", "points") is None
        assert accounts.card_balance(books.connection, b"\x04", 1) == 0
        assert accounts.card_balance(books.connection, b"\x04", 2) is None
    assert rows(database, "SELECT kind, below_zero FROM accounts ORDER BY id") == [
        ("cash", "yes"),
        ("card", "reports"),
    ]


def test_the_same_kind_and_reference_is_booked_once(database: Database) -> None:
    with book(database) as books:
        cash, card = pair(books)
        moves = [Transfer(cash, card, 500)]
        books.post(why(), moves)
        for flushed in (False, True):
            if flushed:
                books.flush()
            for ask in (books.post, books.plan):
                with pytest.raises(AlreadyBooked, match="load 1 is in the books"):
                    ask(why(), moves)
        books.post(why(kind="other"), moves)
        for _ in range(2):
            books.post(why(None), moves)
        assert books.account(card).balance == 2000
    with book(database) as books, pytest.raises(AlreadyBooked):
        books.post(why(), moves)


@pytest.mark.parametrize(
    "told",
    [
        why(kind="a\tb"),
        why("\t"),
        why()._replace(who="\tx"),
        why(None)._replace(who="\tx"),
        why()._replace(kiosk="K\t1"),
    ],
)
def test_texts_that_would_blur_the_chain_are_refused(database: Database, told: Why) -> None:
    """A tab moved from one text to the next would give the same line."""
    with book(database) as books:
        cash, card = pair(books)
        before = stand(books)
        for ask in (books.post, books.plan):
            with pytest.raises(LedgerError, match=f"^{NO_TABS}$"):
                ask(told, [Transfer(cash, card, 5)])
        assert stand(books) == before


def test_a_card_goes_below_zero_by_reports_only(database: Database) -> None:
    with book(database) as books:
        cash, card = pair(books)
        with pytest.raises(Overdraft, match=r"card of card:04:1 holds 0, 1 is asked"):
            books.post(why(), [Transfer(card, cash, 1)])
        books.post(why("2", "sale"), [Transfer(card, cash, 1)], by_report=True)
        assert books.account(card).balance == -1


def test_a_credit_that_does_not_reach_zero_is_booked(database: Database) -> None:
    """A card that a report left below zero takes money: the card has committed it, the books must too."""
    with book(database) as books:
        cash, card = pair(books)
        books.post(why(kind="sale"), [Transfer(card, cash, 500)], by_report=True)
        books.post(why("2"), [Transfer(cash, card, 300)])
        assert books.account(card).balance == -200


def test_an_account_that_never_goes_below_zero_does_not_by_reports_either(database: Database) -> None:
    with book(database) as books:
        cash, bonus = books.open_("house", "cash"), books.open_("card:04:1", "bonus")
        books.post(why(), [Transfer(cash, bonus, 5)])
        for by_report in (False, True):
            with pytest.raises(Overdraft, match="holds 5, 6 is asked"):
                books.post(why("2", "sale"), [Transfer(bonus, cash, 6)], by_report)
        books.post(why("2"), [Transfer(bonus, cash, 5)])


def test_what_a_transaction_brings_may_be_spent_by_it_but_not_before(database: Database) -> None:
    with book(database) as books:
        cash, bonus = books.open_("house", "cash"), books.open_("card:04:1", "bonus")
        books.post(why(), [Transfer(cash, bonus, 2), Transfer(cash, bonus, 3), Transfer(bonus, cash, 5)])
        with pytest.raises(Overdraft):
            books.post(why("2"), [Transfer(bonus, cash, 5), Transfer(cash, bonus, 5)])
        with pytest.raises(Overdraft, match="holds 1, 2 is asked"):
            books.post(
                why("2"), [Transfer(cash, bonus, 3), Transfer(bonus, cash, 2), Transfer(bonus, cash, 2)]
            )


def test_a_refused_posting_leaves_the_unit_of_work_as_it_was(database: Database) -> None:
    """Also its name is free again: what was asked with too much may be asked with less."""
    with book(database) as books:
        cash, bonus = books.open_("house", "cash"), books.open_("card:04:1", "bonus")
        before = stand(books)
        for ask in (
            lambda: books.post(why(), [Transfer(cash, bonus, 5), Transfer(bonus, cash, 6)]),
            lambda: books.post(why(), [Transfer(cash, bonus, 5), Transfer(bonus, 99, 1)]),
            lambda: books.end(7, POSTED, why()),
        ):
            with pytest.raises(LedgerError):
                ask()
            assert stand(books) == before
        assert books.post(why(), [Transfer(cash, bonus, 5)]) == 1
    assert rows(database, "SELECT id, first_transfer FROM transactions") == [(1, 1)]
    assert rows(database, "SELECT last_transaction, last_transfer FROM chains") == [(1, 1)]


def test_an_exception_takes_the_whole_unit_of_work_back(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), book(database) as books:
        books.post(why(), [Transfer(*pair(books), 5)])
        books.flush()
        raise ZeroDivisionError
    assert rows(database, "SELECT * FROM transactions") == rows(database, "SELECT * FROM accounts") == []


def test_the_database_itself_refuses_an_overdraft_of_another_kind(database: Database) -> None:
    with pytest.raises(breaches()), book(database) as books:
        cash, card = pair(books)
        books.account(card).below_zero = "yes"  # as a program with a fault would have it
        books.post(why(), [Transfer(card, cash, 5)])
    assert rows(database, "SELECT * FROM transactions") == []


def test_each_writer_numbers_its_own(place: Path | str) -> None:
    engine.create_or_open(place)
    for writer in (0, 3, 3, 0):
        database = engine.open_existing(place, writer=writer)
        with book(database) as books:
            cash, card = pair(books)
            books.post(why(None), [Transfer(cash, card, 1)])
        database.close()
    numbers = [row[0] for row in rows(database, "SELECT id FROM transfers ORDER BY id")]
    assert numbers == [1, 2, (3 << 40) + 1, (3 << 40) + 2]
    assert rows(database, "SELECT debit_after, debit_before FROM transfers ORDER BY id") == [
        (-1, None),
        (-4, numbers[3]),
        (-2, 1),
        (-3, numbers[2]),
    ]
    database.close()
