"""What a unit of work knows already of the one before it."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from host.db.engine import Database
from host.ledger import purse, touched
from host.ledger.books import Books, book
from host.ledger.checkpoints import Checkpoints
from host.ledger.terms import Account, LedgerError, Purse, Transfer, Why
from tests.host.ledger.test_books import pair, rows
from tests.host.ledger.test_purse import UID, load
from tests.waiting import until

CARD = "card:04010203040506:1"


def post(books: Books) -> tuple[int, int]:
    cash, card = books.open_("house", "cash"), books.open_("card:04:1", "card")
    books.post(Why("load", None, "operator:desk", 1), [Transfer(cash, card, 5)])
    books.flush()
    return cash, card


def remembering(database: Database) -> tuple[int, int]:
    with book(database) as books:
        pair = post(books)
        books.remember()
    return pair


def known(database: Database) -> list[int]:
    with book(database) as books:
        return sorted(books.accounts)


def remembered(database: Database, known: Callable[[], bool]) -> None:
    """At once in a file; a server's own vacuum counts as somebody who wrote, so there it may take a few."""
    if isinstance(database.where, Path):
        assert known()
    else:
        until(known)


def elsewhere(work: Callable[[], object]) -> None:
    """In another thread, so on another connection."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(10)


def test_the_next_one_knows_it(database: Database) -> None:
    def again() -> bool:
        pair = remembering(database)
        with database.read() as connection:
            connection.execute("SELECT 1 FROM accounts").fetchall()
        return known(database) == sorted(pair)

    remembered(database, again)
    assert known(database) == [], "the one between did not remember"


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_what_was_written_since_is_read_again(database: Database, where: str) -> None:
    cash, card = remembering(database)

    def write() -> None:
        with database.write() as connection:
            connection.execute("UPDATE accounts SET balance = balance + 1 WHERE id = ?", (card,))
            connection.execute("UPDATE accounts SET balance = balance - 1 WHERE id = ?", (cash,))

    write() if where == "here" else elsewhere(write)
    with book(database) as books:
        assert books.accounts == {}
        assert (books.account(card).balance, books.account(cash).balance) == (6, -6)


def test_a_checkpoint_between_two_makes_nothing_forgotten(database: Database) -> None:
    checkpoints = Checkpoints(database, lambda text: bytes(16), None)

    def again() -> bool:
        pair = remembering(database)
        with database.read() as connection:
            (last,) = connection.execute("SELECT last_transaction FROM chains").fetchone()
        assert checkpoints.after(last, at_least=1)
        return known(database) == sorted(pair)

    remembered(database, again)


def test_what_was_taken_back_is_forgotten(database: Database) -> None:
    _, card = remembering(database)
    with pytest.raises(ZeroDivisionError), book(database) as books:
        post(books)
        books.remember()
        raise ZeroDivisionError
    with book(database) as books:
        assert (books.accounts, books.purses, books.beside) == ({}, {}, None)
        assert books.account(card).balance == 5


def test_it_is_bounded(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(touched, "ACCOUNTS_MAX", 1)
    remembering(database)
    assert known(database) == []
    monkeypatch.setattr(touched, "ACCOUNTS_MAX", 2)
    remembered(database, lambda: sorted(remembering(database)) == known(database))


def unasked(monkeypatch: pytest.MonkeyPatch, books: Books) -> None:
    """From now on a question to the database fails."""
    monkeypatch.setattr(books, "connection", None)


def with_bonus(database: Database) -> tuple[int, int]:
    """A card that said 9 at first, holds 70 paid in and 30 given: (card, bonus)."""
    with book(database) as books:
        load(books, 9, 100, 30, 100)
        return books.open_(CARD, "card"), books.open_(CARD, "bonus")


def test_purses_and_names_and_what_others_keep_beside_are_known_too(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again() -> bool:
        with book(database) as books:
            accounts, found = pair(books), purse.open_(books, UID, 1, True)
            books.beside = {"kiosk": 3}
            books.flush()
            books.remember()
        with book(database) as books, monkeypatch.context() as patched:
            unasked(patched, books)
            return books.purses == {found.account_id: found} and (pair(books), books.beside) == (
                accounts,
                {"kiosk": 3},
            )

    remembered(database, again)


def test_what_is_read_of_a_card_is_all_that_the_books_know_of_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of its bonus; and it is read once."""
    card, bonus = with_bonus(database)
    with book(database) as books, monkeypatch.context() as patched:
        books.load([card])
        unasked(patched, books)
        books.load([card, bonus])
        assert books.accounts == {
            card: Account(card, CARD, "CNY", "card", "reports", 70, 1),
            bonus: Account(bonus, CARD, "CNY", "bonus", "never", 30, 2),
        }
        assert books.purses == {card: Purse(card, bonus, UID, 1, 9, 100, 8, 2)}
        assert (books.open_(CARD, "card"), books.open_(CARD, "bonus")) == (card, bonus)
        assert books.account(bonus).balance == 30


def test_what_is_not_there_is_not_loaded_and_what_is_there_beside_it_is(database: Database) -> None:
    card, bonus = with_bonus(database)
    with book(database) as books:
        books.load([99, bonus])
        assert list(books.accounts) == [bonus] and books.purses == {}
        with pytest.raises(LedgerError, match=r"^there is no account 99$"):
            books.account(99)
        assert books.account(card).balance == 70 and books.purses[card].tmc == 9


def test_a_bonus_is_asked_for_where_a_card_has_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, bonus = with_bonus(database)
    with book(database) as books:
        plain = purse.open_(books, UID, 2, True).account_id
    with book(database) as books:
        asked, load = [], books.load

        def asking(ids: Iterable[int]) -> None:
            asked.append(list(ids))
            load(ids)

        monkeypatch.setattr(books, "load", asking)
        books.load([plain])
        books.load([card])
        assert asked == [[plain], [card], [bonus]]


def test_an_account_is_opened_once_whoever_opened_it_meanwhile(database: Database) -> None:
    """Its name was not known here; in another unit everything is another account."""
    cash, card = remembering(database)
    with database.write() as connection:
        books = Books(connection, 0)
        assert pair(books) == (cash, card)
        assert books.account(card).balance == 5
        points = books.open_("house", "points", "points")
        assert books.account(points) == Account(points, "house", "points", "points", "never", 0, None)
        assert len({cash, card, points, books.open_("house", "points", "visits")}) == 4


def test_what_a_card_said_is_written_though_no_money_moved(database: Database) -> None:
    """All of it, beside the balance that it does not change, and once for all."""
    card, bonus = with_bonus(database)
    with book(database) as books:
        books.load([card])
        found = books.purses[card]
        found.tmc, found.value_fen, found.missing, found.last_move = 11, 7, 6, 1
        books.changed(found)
        books.flush()
        found.tmc = 12  # nobody said that it changed
    columns = "id, balance, last_transfer, tmc, value_fen, missing, last_move"
    assert rows(database, f"SELECT {columns} FROM accounts WHERE owner = '{CARD}' ORDER BY id") == [
        (card, 70, 1, 11, 7, 6, 1),
        (bonus, 30, 2, 0, 0, 0, None),
    ]
