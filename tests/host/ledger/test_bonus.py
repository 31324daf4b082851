"""What was paid in and what was given on a card, and in which order they are spent."""

import pytest

from host.db.engine import Database
from host.ledger import accounts, purse
from host.ledger.books import book
from tests.host.ledger.purses import OWNER, UID, balances, load, open_, sell

# principal, bonus, price -> what is left of each
BONUS = [
    (1000, 200, 300, (700, 200)),
    (1000, 200, 1000, (0, 200)),
    (1000, 200, 1001, (0, 199)),
    (1000, 200, 1200, (0, 0)),
    (1000, 200, 1300, (-100, 0)),
    (0, 200, 50, (0, 150)),
    (0, 200, 201, (-1, 0)),
    (500, 0, 600, (-100, 0)),
]


@pytest.mark.parametrize("principal, bonus, price, left", BONUS)
def test_what_was_paid_in_goes_before_what_was_given(
    database: Database, principal: int, bonus: int, price: int, left: tuple[int, int]
) -> None:
    """More than both hold: the card has paid all the same, and its principal goes below zero."""
    with book(database) as books:
        load(books, 1, principal + bonus, bonus)
        sell(books, 2, price)
    found = balances(database)
    assert (found.get(("card", OWNER), 0), found.get(("bonus", OWNER), 0)) == left
    assert found["sales", "kiosk:K1"] == price
    assert found.get(("cash", "house"), 0) == -principal
    assert found.get(("given", "house"), 0) == -bonus
    with database.read() as connection:
        assert accounts.card_balance(connection, UID, 1) == principal + bonus - price


def test_a_bonus_pays_alone_where_the_principal_is_below_zero(database: Database) -> None:
    with book(database) as books:
        sell(books, 1, 50)
        load(books, 2, 10, 10)
        assert purse.paid_from(books, open_(books), 4) == [(open_(books).bonus_id, 4)]
        sell(books, 3, 30)
    found = balances(database)
    assert (found["card", OWNER], found.get(("bonus", OWNER))) == (-70, None)
