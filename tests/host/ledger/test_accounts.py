"""Looking accounts up, and what a card has in all of them."""

import pytest

from host.db.engine import Database
from host.ledger import accounts, loads, waiting
from host.ledger.books import Books, book
from host.ledger.chart import card_owner
from host.ledger.purse import CardMove
from host.ledger.terms import Transfer
from tests.host.ledger.test_books import why

UID = bytes.fromhex("04ABCDEF123456")
CARD = "card:04ABCDEF123456:7"
DESK = "operator:desk"


def give(books: Books, owner: str, kind: str, amount: int, unit: str = "CNY") -> int:
    """An account that holds so much; below zero as a card's report would leave it."""
    number, other = books.open_(owner, kind, unit), books.open_("house", "suspense", unit)
    if amount:
        sides = (other, number) if amount > 0 else (number, other)
        books.post(why(None, "sale"), [Transfer(*sides, abs(amount))], by_report=True)
    return number


def test_an_account_is_found_by_owner_kind_and_unit(database: Database) -> None:
    names = [(CARD, "card", "CNY"), (CARD, "points", "points"), (CARD, "points", "visits")]
    with book(database) as books:
        numbers = [give(books, *name[:2], amount, name[2]) for amount, name in enumerate(names)]
    with database.read() as connection:
        assert [accounts.find(connection, *name) for name in names] == numbers
        assert accounts.find(connection, CARD, "card") == numbers[0]
        assert accounts.find(connection, CARD, "points") is None
        assert accounts.find(connection, "card:04ABCDEF123456:8", "card") is None
        assert [accounts.balance(connection, number) for number in numbers] == [0, 1, 2]


def test_accounts_of_a_kind_are_found_for_many_owners_at_once(database: Database) -> None:
    with book(database) as books:
        ann, bob = give(books, "operator:ann", "commission", 5), give(books, "operator:bob", "commission", 0)
        give(books, "operator:cleo", "commission", 9)
        visits = give(books, "operator:ann", "points", 3, "visits")
        points = give(books, "operator:ann", "points", 4, "points")
    with database.read() as connection:
        asked = ["operator:ann", "operator:bob", "operator:dan"]
        assert accounts.of(connection, "commission", asked) == {ann: 5, bob: 0}
        assert accounts.of(connection, "points", asked) == {visits: 3, points: 4}, "of every unit"
        assert accounts.of(connection, "commission", []) == accounts.of(connection, "cash", asked) == {}


# what a card's accounts hold -> what it may spend, what is owed for it
HELD = [
    ({}, None, 0),
    ({"card": 0}, 0, 0),
    ({"card": 700, "bonus": 30}, 730, 700),
    ({"account": 50}, 50, 50),
    ({"card": -20, "bonus": 30}, 10, 0),
    ({"card": -20, "waiting": 5}, -20, 5),
    ({"waiting": 5, "waiting-bonus": 6}, None, 5),
    ({"card": 1, "account": 2, "waiting": 4}, 3, 7),
    ({"suspense": 9}, None, 0),
]


@pytest.mark.parametrize("held, spendable_fen, owed_fen", HELD)
def test_a_card_may_spend_what_is_on_it_and_is_owed_what_was_paid_for_it(
    database: Database, held: dict[str, int], spendable_fen: int | None, owed_fen: int
) -> None:
    """Nothing of another unit or of another of its lives; what is below zero owes nothing."""
    with book(database) as books:
        for kind, amount in held.items():
            give(books, CARD, kind, amount)
        give(books, CARD, "suspense", 1000, "points")
        for kind in ("card", "bonus", "waiting"):
            give(books, card_owner(UID, 8), kind, 1000)
    with database.read() as connection:
        assert accounts.card_balance(connection, UID, 7) == spendable_fen
        assert accounts.owed_fen(connection, UID, 7) == owed_fen


def test_a_top_up_whose_answer_was_lost_is_owed_until_it_is_decided(database: Database) -> None:
    """What was paid of it, and once where it waits all the while; not what is to be taken off a card."""
    with book(database) as books:
        waiting.take(books, UID, 7, 40, "house", DESK, "r1")
        loads.plan_collection(books, CardMove(UID, 7, 1, 40, 40), DESK, 40)
        lost = loads.plan_load(books, CardMove(UID, 7, 1, 600, 600), DESK, 5, 100)
        loads.plan_load(books, CardMove(UID, 8, 1, 5, 5), DESK, 5)
        give(books, CARD, "card", 3)
        loads.plan_payout(books, CardMove(UID, 7, 2, -3, 0), lambda fen: "house", DESK)
    with database.read() as connection:
        assert [accounts.owed_fen(connection, UID, issue) for issue in (7, 8, 9)] == [543, 5, 0]
    with book(database) as books:
        loads.void_load(books, lost, DESK)
    with database.read() as connection:
        assert accounts.owed_fen(connection, UID, 7) == 43
