"""What a unit of work knows already of the one before it."""

import threading
from collections.abc import Callable

import pytest

from host.db.engine import Database
from host.ledger import touched
from host.ledger.books import Books, book
from host.ledger.checkpoints import Checkpoints
from host.ledger.terms import Transfer, Why


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


def test_the_next_one_knows_it_where_a_change_is_seen_at_once(database: Database) -> None:
    pair = remembering(database)
    with database.read() as connection:
        connection.execute("SELECT 1 FROM accounts").fetchall()
        is_sqlite = connection.dialect == "sqlite"
    assert known(database) == (sorted(pair) if is_sqlite else [])
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
    pair = remembering(database)
    assert Checkpoints(database, lambda text: bytes(16), None).after(2, at_least=1)
    with database.read() as connection:
        is_sqlite = connection.dialect == "sqlite"
    assert known(database) == (sorted(pair) if is_sqlite else [])


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
