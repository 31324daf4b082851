"""A card's last sale given back: the way it came, the last part first, once and never more than it took."""

from collections.abc import Callable

import pytest

from host.db.engine import Database
from host.ledger import corrections, loads, purse
from host.ledger.books import Books, book
from host.ledger.purse import CardMove
from host.ledger.terms import LedgerError
from tests.host.ledger.purses import DESK, OTHER, OWNER, UID, balances, held, load, open_, sell

KIOSK = ("sales", "kiosk:K1")


def plan(books: Books, sale: int, tmc: int, fen: int, uid: bytes = UID, issue: int = 1) -> int:
    return loads.plan_refund(books, CardMove(uid, issue, tmc, fen, fen), sale, "operator:ann", 7)


def refund(books: Books, sale: int, tmc: int, fen: int) -> int:
    """Given back, and proved by the card at once."""
    number = plan(books, sale, tmc, fen)
    loads.post_load(books, number, CardMove(UID, 1, tmc, fen, fen), DESK)
    return number


# principal, bonus, what the sale took, what is given back -> what the card then has of each
BACK = [
    (1000, 0, 300, 300, (1000, 0)),
    (1000, 0, 300, 1, (701, 0)),
    (1000, 200, 1100, 1100, (1000, 200)),
    (1000, 200, 1100, 100, (0, 200)),
    (1000, 200, 1100, 99, (0, 199)),
    (1000, 200, 1100, 101, (1, 200)),
    (0, 200, 50, 20, (0, 170)),
    (100, 0, 300, 250, (50, 0)),
]


@pytest.mark.parametrize("principal, bonus, price, back, left", BACK)
def test_it_goes_back_to_what_paid_the_last_first(
    database: Database, principal: int, bonus: int, price: int, back: int, left: tuple[int, int]
) -> None:
    with book(database) as books:
        load(books, 1, principal + bonus, bonus)
        sale = sell(books, 2, price)
    before = balances(database)
    with book(database) as books:
        number = plan(books, sale, 3, back)
    assert balances(database) == before, "while it waits nothing moves"
    with book(database) as books:
        loads.post_load(books, number, CardMove(UID, 1, 3, back, back), DESK)
    found = balances(database)
    assert (found.get(("card", OWNER), 0), found.get(("bonus", OWNER), 0)) == left
    assert found.get(KIOSK, 0) == price - back


def test_it_says_what_it_is_and_who_gave_it_back(database: Database) -> None:
    with book(database) as books:
        load(books, 1, 1000)
        sale = sell(books, 2, 300)
        number = plan(books, sale, 3, 250)
        loads.void_load(books, number, "operator:bob")
        again = plan(books, sale, 3, 250)
        move = CardMove(UID, 1, 3, 250, 250)
        assert loads.pending_loads(books.connection, UID, 1) == [(again, move)]
        loads.post_load(books, again, move, "operator:cat")
    columns = "kind, reference, state, who, happened_s, change_fen"
    sql = f"SELECT {columns} FROM transactions WHERE id >= ? ORDER BY id"
    with database.read() as connection:
        planned, voided, _, posted = connection.tuples(sql, (number,))
        kinds = [loads.kind_of(connection, one) for one in (sale, number, number + 3)]
        assert kinds == ["sale", "refund", "refund"]
    assert planned == ("refund", "04010203040506.1.3.2", "pending", "operator:ann", 7, None)
    assert voided[:4] == ("refund", None, "voided", "operator:bob")
    assert (*posted[:4], posted[5]) == ("refund", None, "posted", "operator:cat", 250)


def test_of_a_sale_that_another_kiosk_made_that_kiosk_gives_back(database: Database) -> None:
    """The one that it was booked to first earned nothing by it."""
    with book(database) as books:
        sale = sell(books, 1, 300)
        sell(books, 1, 70, uid=OTHER)
        corrections.move_sale(books, CardMove(UID, 1, 1, -300, 0), "K1", "K2")
        refund(books, sale, 2, 200)
    assert balances(database) == {
        ("card", OWNER): -100,
        ("sales", "kiosk:K2"): 100,
        ("card", "card:04AAAAAAAAAAAA:1"): -70,
        KIOSK: 70,
    }


def test_the_last_sale_is_known_however_many_older_ones_were_reported_after_it(database: Database) -> None:
    """A kiosk that was long away reports at last: the card's newest counter was booked before all these."""
    newest = purse.WALK_MAX + 2
    with book(database) as books:
        sale = sell(books, newest, 5)
        for tmc in range(1, newest):
            sell(books, tmc, 1)
        refund(books, sale, newest + 1, 5)
    assert balances(database)["card", OWNER] == -(newest - 1)


def sale_before_the_last(books: Books) -> object:
    sale = sell(books, 2)
    sell(books, 3)
    return plan(books, sale, 4, 100)


def what_was_given_back_already(books: Books) -> object:
    sale = sell(books, 2)
    refund(books, sale, 3, 40)
    return plan(books, sale, 4, 60)


def sale_with_a_counter_missing_after_it(books: Books) -> object:
    return plan(books, sell(books, 2), 4, 100)


def top_up(books: Books) -> object:
    load(books, 2, 50)
    return plan(books, _last(books), 3, 50)


def payout(books: Books) -> object:
    move = CardMove(UID, 1, 2, -1000, 0)
    loads.post_load(books, loads.plan_payout(books, move, lambda _: "house", DESK), move, DESK)
    return plan(books, _last(books), 3, 1000)


def a_refund_itself(books: Books) -> object:
    refund(books, sell(books, 2), 3, 100)
    return plan(books, _last(books), 4, 100)


def another_cards_sale(books: Books) -> object:
    sell(books, 2)
    return plan(books, sell(books, 2, uid=OTHER), 3, 100)


def another_lifes_sale(books: Books) -> object:
    sell(books, 2)
    return plan(books, sell(books, 1, issue=2), 3, 100)


def sale_of_nobody(books: Books) -> object:
    sell(books, 2)
    return plan(books, 10**6, 3, 100)


def card_of_nobody(books: Books) -> object:
    return plan(books, sell(books, 2), 3, 100, issue=9)


NOT_THE_LAST = [
    *(sale_before_the_last, what_was_given_back_already, sale_with_a_counter_missing_after_it),
    *(top_up, payout, a_refund_itself, another_cards_sale, another_lifes_sale),
    *(sale_of_nobody, card_of_nobody),
]


def _last(books: Books) -> int:
    """The card's newest transaction."""
    number = open_(books).last_move
    assert number is not None
    return number


@pytest.mark.parametrize("ask", NOT_THE_LAST)
def test_what_is_not_the_cards_last_sale_is_not_given_back(
    database: Database, ask: Callable[[Books], object]
) -> None:
    with book(database) as books:
        load(books, 1, 1000)
        with pytest.raises(LedgerError, match=r"^transaction \d+ is not the last move of the card, or no"):
            ask(books)
        assert loads.pending_loads(books.connection, UID, 1) == []


@pytest.mark.parametrize(
    "fen, sentence",
    [(301, "^transaction 3 took 300, 301 is asked back$"), (0, "1 to 1000 transfers"), (-1, "above zero")],
)
def test_no_more_than_it_took_is_given_back(database: Database, fen: int, sentence: str) -> None:
    with book(database) as books:
        load(books, 1, 1000)
        sale = sell(books, 2, 300)
        before = held(books)
        with pytest.raises(LedgerError, match=sentence):
            plan(books, sale, 3, fen)
        assert held(books) == before
