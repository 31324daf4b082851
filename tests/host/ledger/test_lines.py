"""The ledger as lines: two per transfer, numbered within each partition, paged without a gap."""

import pytest

from host.db.engine import Database
from host.ledger import chain, lines
from host.ledger.books import Books, Transfer, Why, book
from tests.host.ledger.purses import load, sell

NOW_S = 1_000


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.clock.now_s", lambda: NOW_S)


def bank(books: Books, amount: int, reference: str | None = None) -> None:
    cash, account = books.open_("house", "cash"), books.open_("house", "bank")
    books.post(Why("banked", reference, "operator:ann", 5), [Transfer(cash, account, amount)])


def test_books_without_a_transfer_have_no_line(database: Database) -> None:
    with database.read() as connection:
        assert lines.last(connection) == 0 and lines.after(connection, 0) == []


def test_a_cards_sale_is_a_debit_of_the_card_and_a_credit_of_the_kiosk(database: Database) -> None:
    with book(database) as books:
        load(books, 1, 1000, value=1000)
        sell(books, 2, 250, 750)
    common = {"at": NOW_S, "happened": 5, "kind": "sale", "what": {"zh": "消费", "en": "sale"}, "kiosk": "K1"}
    common |= {"card": "04010203040506", "reference": "04010203040506.1.2", "who": "kiosk:K1"}
    card = {"account": "card", "owner": "card:04010203040506:1", "amount_fen": -250, "balance_after_fen": 750}
    sales = {"account": "sales", "owner": "kiosk:K1", "amount_fen": 250, "balance_after_fen": 250}
    with database.read() as connection:
        assert lines.after(connection, 2) == [{"id": 3, **common, **card}, {"id": 4, **common, **sales}]
        assert lines.last(connection) == 4


def test_what_no_card_did_has_its_own_name(database: Database) -> None:
    with book(database) as books:
        bank(books, 7, "slip 1")
    with database.read() as connection:
        cash, account = lines.after(connection, 0)
    assert (cash["account"], cash["amount_fen"], account["amount_fen"]) == ("cash", -7, 7)
    assert cash["what"] == {"zh": "banked", "en": "banked"}
    assert (cash["card"], cash["kiosk"], cash["reference"]) == (None, None, "slip 1")
    assert (cash["who"], cash["happened"], cash["at"]) == ("operator:ann", 5, NOW_S)


def test_pages_of_any_size_miss_nothing(database: Database) -> None:
    with book(database) as books:
        for n in range(1, 6):
            bank(books, n)
    with database.read() as connection:
        whole = lines.after(connection, 0)
        assert [line["id"] for line in whole] == list(range(1, 11))
        for size in (1, 2, 3, 10, 11):
            at, found = 0, []
            while page := lines.after(connection, at, size):
                assert len(page) <= size
                found += page
                at = page[-1]["id"]
            assert found == whole and at == lines.last(connection)


def test_a_reader_of_all_partitions_gets_each_line_once(database: Database) -> None:
    with book(database) as books:
        bank(books, 1)
    with database.write() as connection:
        second = Books(connection, 1)
        bank(second, 2)
        second.flush()
    first_of_second = chain.first_number(1) * 2 + 1
    with database.read() as connection:
        reader, late = lines.Cursor(0), lines.Cursor(1)
        assert [line["id"] for line in reader.next(connection)] == [
            *(1, 2, first_of_second, first_of_second + 1)
        ]
        assert [line["id"] for line in late.next(connection)] == [2, first_of_second, first_of_second + 1]
        assert reader.next(connection) == late.next(connection) == []
        assert [line["id"] for line in lines.after(connection, 1)] == [2], "a partition at a time"
        assert lines.last(connection) == 2
    with book(database) as books:
        bank(books, 3)
    with database.read() as connection:
        assert [line["amount_fen"] for line in reader.next(connection)] == [-3, 3]


def test_a_reader_may_begin_in_any_partition(database: Database) -> None:
    with database.write() as connection:
        for writer in (0, 1):
            books = Books(connection, writer)
            bank(books, 1)
            bank(books, 2)
            books.flush()
    with database.read() as connection:
        first = chain.first_number(1) * 2 + 1
        found = lines.Cursor(first + 1).next(connection)
        assert [line["id"] for line in found] == [1, 2, 3, 4, first + 2, first + 3]


def test_a_partition_is_read_to_its_last_number(database: Database) -> None:
    last = chain.first_number(1) - 1
    with book(database) as books:
        bank(books, 1)
    with database.write() as connection:
        connection.execute("UPDATE chains SET last_transfer = ?", (last - 1,))
    with database.write() as connection:
        for writer in (0, 1):
            books = Books(connection, writer)
            bank(books, 2)
            books.flush()
    with database.read() as connection:
        assert [line["id"] for line in lines.after(connection, 2)] == [2 * last - 1, 2 * last]
