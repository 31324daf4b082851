"""What a unit of work knows already of the one before it."""

import threading
from collections.abc import Callable

import pytest

from host.db.engine import Database
from host.ledger import touched
from host.ledger.books import Books, book
from host.ledger.checkpoints import Checkpoints
from host.ledger.terms import Transfer, Why
from tests.waiting import until


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

    until(again)  # a server's own vacuum counts as somebody who wrote
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

    until(again)


def test_what_was_taken_back_is_forgotten(database: Database) -> None:
    _, card = remembering(database)
    with pytest.raises(ZeroDivisionError), book(database) as books:
        post(books)
        books.remember()
        raise ZeroDivisionError
    with book(database) as books:
        assert books.accounts == {}
        assert books.account(card).balance == 5


def test_it_is_bounded(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(touched, "ACCOUNTS_MAX", 1)
    remembering(database)
    assert known(database) == []
