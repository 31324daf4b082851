"""What the books can tell of a top-up whose answer was lost."""

import pytest

from host.db.engine import Database
from host.ledger import purse
from host.ledger.books import book
from host.ledger.outcomes import Outcome, by_books
from host.ledger.purse import CardMove
from tests.host.ledger.entered import ISSUE, OTHER, UID

TOP_UP = CardMove(UID, ISSUE, 5, 500, 700)  # from 200, at the counter after 4

# sales that the books hold: (counter, price, value after it) -> what they tell
TOLD: list[tuple[list[tuple[int, int, int]], Outcome | None]] = [
    ([], None),
    ([(4, 10, 200)], None),
    ([(5, 10, 190)], Outcome.FORGOTTEN),
    ([(5, 10, 190), (6, 10, 690)], Outcome.FORGOTTEN),
    ([(6, 10, 690)], Outcome.COMMITTED),
    ([(6, 700, 0)], Outcome.COMMITTED),
    ([(6, 10, 190)], None),
    ([(6, 10, 710)], None),
    ([(7, 10, 690)], Outcome.COMMITTED),
    ([(7, 10, 191)], Outcome.COMMITTED),
    ([(7, 10, 190)], None),
    ([(7, 10, 691)], None),
    ([(3, 10, 690)], None),
    ([(6, 10, 190), (8, 10, 300)], Outcome.COMMITTED),
    ([(6, 10, 690), (7, 10, 680)], Outcome.COMMITTED),
]


@pytest.mark.parametrize("sales, outcome", TOLD)
def test_a_sale_tells_what_was_on_the_card_before_it(
    database: Database, sales: list[tuple[int, int, int]], outcome: Outcome | None
) -> None:
    """At its own counter the card did something else; after it none has more than before unless by it."""
    with book(database) as books:
        found = purse.open_(books, UID, ISSUE, known=True)
        for tmc, price_fen, value_fen in sales:
            move = CardMove(UID, ISSUE, tmc, -price_fen, value_fen)
            purse.book_sale(books, "sale", found, move, "K1", 5)
    with database.read() as connection:
        assert by_books(connection, TOP_UP) == outcome
        for other in (TOP_UP._replace(uid=OTHER), TOP_UP._replace(issue=ISSUE + 1)):
            assert by_books(connection, other) is None


def test_however_long_ago_it_was(database: Database) -> None:
    with book(database) as books:
        found = purse.open_(books, UID, ISSUE, known=True)
        for tmc in range(6, 6 + purse.WALK_MAX + 9):
            move = CardMove(UID, ISSUE, tmc, -1, 705 - tmc)
            purse.book_sale(books, "sale", found, move, "K1", 5)
    with database.read() as connection:
        assert by_books(connection, TOP_UP) is Outcome.COMMITTED
        assert by_books(connection, TOP_UP._replace(tmc=6)) is Outcome.FORGOTTEN
