"""Rows of a unit of work: the sale that counts on, against the way that any transaction goes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from host.db import engine
from host.db.engine import Database
from host.ledger import chain, purse
from host.ledger.books import Books, book
from host.ledger.entries import Entries, Seller, seller
from host.ledger.terms import Purse, Transfer, Why
from tests.host.ledger import audit
from tests.host.ledger.asked import Abandoned
from tests.host.ledger.test_books import pair, rows, stand, why
from tests.host.ledger.test_touched import remembered

UID = bytes.fromhex("04010203040506")
NOW_S = 77


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.clock.now_s", lambda: NOW_S)


def loaded(books: Books, known: bool = True) -> tuple[Purse, Seller]:
    """A card that said 1 and holds 500, and the kiosk K1."""
    found = purse.open_(books, UID, 1, known)
    cash, card = books.open_("house", "cash"), found.account_id
    paid_in = Why("load", None, "operator:desk", 4, None, card, 1, 500, 500)
    found.last_move = books.post(paid_in, [Transfer(cash, card, 500)])
    purse.take(books, found, 1, 500)
    return found, seller(books.account(books.open_("kiosk:K1", "sales")), "sale", "K1")


def at_once(books: Books, found: Purse, by: Seller, tmc: int, price: int) -> int | None:
    return books.sell(found, by, tmc, price, found.value_fen - price, 5)


def step_by_step(books: Books, found: Purse, by: Seller, tmc: int, price: int) -> int | None:
    """As any other transaction of a card is booked."""
    value_fen = found.value_fen - price
    told = Why("sale", None, "kiosk:K1", 5, "K1", found.account_id, tmc, -price, value_fen, found.last_move)
    found.last_move = books.post(told, [Transfer(found.account_id, by.earned.id, price)], True)
    purse.take(books, found, tmc, value_fen)
    return found.last_move


@pytest.mark.parametrize("prices", [[1], [500], [499, 1], [100, 100, 100]])
def test_a_sale_at_once_leaves_the_rows_that_any_other_way_leaves(
    database: Database, prices: list[int]
) -> None:
    """Down to the links; and what is booked after it goes on from it."""
    with book(database) as books:
        loaded(books)
    left = []
    for way in (at_once, step_by_step):
        with pytest.raises(Abandoned), book(database) as books:
            found, earned = purse.open_(books, UID, 1, True), books.open_("kiosk:K1", "sales")
            by = seller(books.account(earned), "sale", "K1")
            sold = [way(books, found, by, tmc, price) for tmc, price in enumerate(prices, 2)]
            books.post(why(), [Transfer(earned, found.account_id, 1)])
            left.append((sold, found, stand(books)))
            audit.audit(books.connection)
            raise Abandoned
    assert left[0] == left[1]
    assert left[0][0] == list(range(2, 2 + len(prices)))


def test_a_sale_says_who_when_and_what_was_before(database: Database) -> None:
    with book(database) as books:
        found, by = loaded(books)
        card, cash, sales = found.account_id, books.open_("house", "cash"), by.earned.id
        assert at_once(books, found, by, 2, 30) == books.last == 2
        assert at_once(books, found, by, 3, 20) == books.last == 3
        assert found == Purse(card, None, UID, 1, 3, 450, 0, 3)
    assert rows(database, f"SELECT {chain.COLUMNS} FROM transactions ORDER BY id") == [
        (1, "posted", None, "load", None, "operator:desk", None, card, 1, 500, 500, None, 1, 4, NOW_S),
        (2, "posted", None, "sale", None, "kiosk:K1", "K1", card, 2, -30, 470, 1, 2, 5, NOW_S),
        (3, "posted", None, "sale", None, "kiosk:K1", "K1", card, 3, -20, 450, 2, 3, 5, NOW_S),
    ]
    assert rows(database, f"SELECT {chain.TRANSFER_COLUMNS} FROM transfers ORDER BY id") == [
        (1, 1, cash, card, 500, -500, 500, None, None),
        (2, 2, card, sales, 30, 470, 30, 1, None),
        (3, 3, card, sales, 20, 450, 50, 2, 2),
    ]
    columns = "id, balance, last_transfer, tmc, value_fen, missing, last_move"
    assert rows(database, f"SELECT {columns} FROM accounts ORDER BY id") == [
        (card, 450, 3, 3, 450, 0, 3),
        (cash, -500, 1, 0, 0, 0, None),
        (sales, 50, 3, 0, 0, 0, None),
    ]


@pytest.mark.parametrize(
    "asked, state",
    [
        pytest.param({"tmc": 1}, {"tmc": 0}, id="the card's first counter"),
        pytest.param({"tmc": 1}, {}, id="a counter that was"),
        pytest.param({"tmc": 3}, {}, id="a counter that leaves a gap"),
        pytest.param({"value_fen": 401}, {}, id="a value that does not follow from the one before"),
        pytest.param({"value_fen": 399}, {}, id="a value that is too small"),
        pytest.param({}, {"missing": 1}, id="counters are missing"),
        pytest.param({"amount": 0, "value_fen": 500}, {}, id="nothing was paid"),
        pytest.param({"amount": -1, "value_fen": 501}, {}, id="a credit"),
        pytest.param({"amount": 501, "value_fen": -1}, {}, id="more than there is"),
        pytest.param({"amount": True, "value_fen": 499}, {}, id="no number"),
        pytest.param({"amount": 100.0}, {}, id="no whole number"),
    ],
)
def test_what_is_no_plain_sale_is_left_to_who_knows_more(
    database: Database, asked: dict[str, Any], state: dict[str, int]
) -> None:
    plain = {"tmc": 2, "amount": 100, "value_fen": 400, "happened_s": 5}
    with book(database) as books:
        found, by = loaded(books)
        for name, value in state.items():
            setattr(found, name, value)
        before, said = stand(books), repr(found)
        assert books.sell(found, by, **(plain | asked)) is None
        assert (stand(books), repr(found), books.last) == (before, said, 1)


def test_a_card_with_a_bonus_pays_by_rules_that_a_plain_sale_does_not_know(database: Database) -> None:
    with book(database) as books:
        found, by = loaded(books)
        found.bonus_id = books.open_("card:04:1", "bonus")
        before = stand(books)
        assert at_once(books, found, by, 2, 100) is None
        assert stand(books) == before


def test_the_money_of_a_stranger_is_not_spent_by_a_plain_sale(database: Database) -> None:
    with book(database) as books:
        found, by = loaded(books, known=False)
        before = stand(books)
        assert books.account(found.account_id).balance == 500
        assert at_once(books, found, by, 2, 100) is None
        assert stand(books) == before


def test_a_plain_sale_stays_in_its_unit(database: Database) -> None:
    with book(database) as books:
        found, _ = loaded(books)
        points = seller(books.account(books.open_("house", "issued", "points")), "sale", "K1")
        before = stand(books)
        assert at_once(books, found, points, 2, 100) is None
        assert stand(books) == before


def test_a_seller_is_named_in_rows_and_links_alike(database: Database) -> None:
    with book(database) as books:
        earned = books.account(books.open_("kiosk:会所", "sales"))
        by = seller(earned, "settlement", "会所")
    assert by == (earned, "settlement", "kiosk:会所", "会所", "settlement\t\tkiosk:会所\t会所".encode())


def test_what_was_flushed_is_not_written_again(database: Database) -> None:
    with book(database) as books:
        found, by = loaded(books)
        at_once(books, found, by, 2, 30)
        books.plan(why(), [Transfer(*pair(books), 5)])
        written = [stand(books) for _ in range(2)]
        assert written[0] == written[1]
        assert at_once(books, found, by, 3, 20) == 4
    assert rows(database, "SELECT id FROM transactions ORDER BY id") == [(1,), (2,), (3,), (4,)]
    with database.read() as connection:
        audit.audit(connection)


WRITES: dict[str, Callable[[Books, int, int], int]] = {
    "posted": lambda books, cash, card: books.post(why(), [Transfer(cash, card, 1)]),
    "planned": lambda books, cash, card: books.plan(why(), [Transfer(cash, card, 1)]),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_the_chain_ends_with_what_was_written_last(
    database: Database, write: Callable[[Books, int, int], int]
) -> None:
    with book(database) as books:
        assert books.last == 0
        number = write(books, *pair(books))
        assert number == books.last == 1
    with database.read() as connection:
        assert audit.links(connection, 0) == 1


@pytest.mark.parametrize("writer", [0, 3])
def test_a_partition_begins_above_its_first_number_and_goes_on_alone(place: Path | str, writer: int) -> None:
    engine.create_or_open(place).close()
    for before in range(3):
        database = engine.open_existing(place, writer=writer)
        with book(database) as books:
            first = chain.first_number(writer)
            assert books.last == first + before
            assert books.post(why(None), [Transfer(*pair(books), 1)]) == first + before + 1
        database.close()
    assert rows(database, "SELECT writer, last_transaction, last_transfer FROM chains") == [
        (writer, first + 3, first + 3)
    ]
    with database.read() as connection:
        assert audit.links(connection, writer) == first + 3
    database.close()


def test_where_the_chain_ends_is_not_asked_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """By whoever remembers, for as long as nobody else has written."""
    asked = []
    ask = Entries._stand

    def asking(books: Entries) -> tuple[int, int, bytes]:
        asked.append(books)
        return ask(books)

    monkeypatch.setattr(Entries, "_stand", asking)

    def again() -> bool:
        for _ in range(2):
            asked.clear()
            with book(database) as books:
                books.post(why(None), [Transfer(*pair(books), 1)])
                books.flush()
                books.remember()
        return not asked

    remembered(database, again)
    with database.read() as connection:
        audit.audit(connection)
