"""Money onto a card, paid in or given, and in which order it is spent."""

import pytest

from host.db.engine import Database
from host.ledger import accounts, loads, purse
from host.ledger.asked import state_of
from host.ledger.books import book
from host.ledger.purse import CardMove
from host.ledger.terms import AlreadyBooked, LedgerError
from tests.host.ledger.test_purse import DESK, UID, balances, load, open_, sell

# principal, bonus, price -> what is left of each
BONUS = [
    (1000, 200, 300, (700, 200)),
    (1000, 200, 1000, (0, 200)),
    (1000, 200, 1001, (0, 199)),
    (1000, 200, 1200, (0, 0)),
    (1000, 200, 1300, (-100, 0)),
    (0, 200, 50, (0, 150)),
    (0, 200, 201, (-1, 0)),
    (500, 0, 600, (-100, None)),
]


@pytest.mark.parametrize("principal, bonus, price, left", BONUS)
def test_what_was_paid_in_goes_before_what_was_given(
    database: Database, principal: int, bonus: int, price: int, left: tuple[int, int | None]
) -> None:
    """More than both hold: the card has paid all the same, and its principal goes below zero."""
    with book(database) as books:
        load(books, 1, principal + bonus, bonus)
        sell(books, 2, price)
    found = balances(database)
    owner = "card:04010203040506:1"
    assert (found["card", owner], found.get(("bonus", owner))) == left
    assert found["sales", "kiosk:K1"] == price
    assert found.get(("cash", "house"), 0) == -principal
    assert found.get(("given", "house"), 0) == -bonus
    with database.read() as connection:
        assert accounts.card_balance(connection, UID, 1) == principal + bonus - price


def test_a_bonus_is_not_touched_once_the_principal_is_below_zero(database: Database) -> None:
    with book(database) as books:
        sell(books, 1, 50)
        load(books, 2, 10, 10)
        assert purse.paid_from(books, open_(books), 4) == [(open_(books).bonus_id, 4)]
        sell(books, 3, 30)
    found = balances(database)
    owner = "card:04010203040506:1"
    assert (found["card", owner], found["bonus", owner]) == (-70, 0)


def test_a_top_up_waits_until_the_card_has_proved_it(database: Database) -> None:
    move = CardMove(UID, 1, 1, 500, 500)
    with book(database) as books:
        number = loads.plan_load(books, move, DESK, 5)
    with book(database) as books:
        assert loads.pending_loads(books.connection, UID, 1) == [(number, move)]
        loads.post_load(books, number, move, DESK)
        with pytest.raises(AlreadyBooked):
            loads.post_load(books, number, move, DESK)
        with pytest.raises(LedgerError, match="is posted, not pending"):
            loads.void_load(books, number, DESK)
    with database.read() as connection:
        assert loads.pending_loads(connection, UID, 1) == []
        assert purse.last_move(connection, UID, 1) == (1, 500)


def test_a_top_up_that_the_card_forgot_moves_nothing_and_may_be_tried_again(database: Database) -> None:
    move = CardMove(UID, 1, 1, 500, 500)
    with book(database) as books:
        first = loads.plan_load(books, move, DESK, 5)
        loads.void_load(books, first, DESK)
        second = loads.plan_load(books, move, DESK, 5)
        assert loads.pending_loads(books.connection, UID, 1) == [(second, move)]
        assert state_of(books.connection, first) == "voided"
        with pytest.raises(LedgerError, match="is voided, not pending"):
            loads.post_load(books, first, move, DESK)
        loads.post_load(books, second, move, DESK)
    assert balances(database)["card", "card:04010203040506:1"] == 500


def test_each_try_of_a_top_up_is_named_and_so_is_what_ended_it(database: Database) -> None:
    move = CardMove(UID, 1, 1, 500, 500)
    with book(database) as books:
        loads.void_load(books, loads.plan_load(books, move, "operator:ann", 5), "operator:bob")
        second = loads.plan_load(books, move, "operator:ann", 6)
        loads.post_load(books, second, move, "operator:cat")
        with pytest.raises(AlreadyBooked, match=r"^the books hold 04010203040506\.1\.1$"):
            loads.post_load(books, second, move, DESK)
    sql = "SELECT kind, reference, state, who FROM transactions ORDER BY id"
    with database.read() as connection:
        found = [tuple(row) for row in connection.execute(sql)]
    assert found == [
        ("load", "04010203040506.1.1.1", "pending", "operator:ann"),
        ("load", None, "voided", "operator:bob"),
        ("load", "04010203040506.1.1.2", "pending", "operator:ann"),
        ("load", None, "posted", "operator:cat"),
    ]
