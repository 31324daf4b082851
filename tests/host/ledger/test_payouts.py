"""All that a card holds taken off it: what was paid in goes to a till, what was given falls back."""

from collections.abc import Callable

import pytest

from host.db.engine import Database
from host.ledger import drawers, loads
from host.ledger.books import Books, book
from host.ledger.purse import CardMove
from host.ledger.terms import LedgerError
from tests.host.ledger.purses import DESK, OTHER, UID, balances, held, load, open_, sell

TILL = "shift:1"
Till = Callable[[int], str]


def till(_principal_fen: int) -> str:
    return TILL


def plan(books: Books, tmc: int, fen: int, ask: Till = till, uid: bytes = UID, left: int = 0) -> int:
    return loads.plan_payout(books, CardMove(uid, 1, tmc, -fen, left), ask, "operator:ann")


def pay_out(books: Books, tmc: int, fen: int, uid: bytes = UID) -> int:
    """Taken off the card, which proved it at once."""
    number = plan(books, tmc, fen, uid=uid)
    loads.post_load(books, number, CardMove(uid, 1, tmc, -fen, 0), DESK)
    return number


@pytest.mark.parametrize("principal, bonus", [(1000, 200), (1000, 0), (0, 200)])
def test_what_was_paid_in_is_paid_out_and_what_was_given_falls_back(
    database: Database, principal: int, bonus: int
) -> None:
    asked: list[int] = []

    def whose(principal_fen: int) -> str:
        asked.append(principal_fen)
        return TILL

    with book(database) as books:
        load(books, 1, principal + bonus, bonus, principal + bonus)
    before = balances(database)
    with book(database) as books:
        number = plan(books, 2, principal + bonus, whose)
        assert drawers.promised_fen(books.connection, 1) == principal
    assert asked == [principal] * bool(principal), "no till is asked where nobody is paid"
    assert balances(database) == before, "while it waits nothing moves"
    with book(database) as books:
        loads.post_load(books, number, CardMove(UID, 1, 2, -principal - bonus, 0), DESK)
        assert drawers.promised_fen(books.connection, 1) == 0
    paid = {("cash", "house"): -principal, ("cash", TILL): principal}
    assert balances(database) == {name: fen for name, fen in paid.items() if fen}


def test_a_bonus_that_was_spent_is_no_part_of_it(database: Database) -> None:
    with book(database) as books:
        load(books, 1, 50, 50, 50)
        sell(books, 2, 50, 0)
        load(books, 3, 100, value=100)
        pay_out(books, 4, 100)
    assert balances(database).get(("given", "house")) == -50
    assert balances(database)["cash", TILL] == 100


@pytest.mark.parametrize(
    "shadow, fen, left, sentence",
    [
        ((1000, 200), 1201, 0, "^the books hold 1000 and 200 fen on the card$"),
        ((1000, 200), 1199, 0, "^the books hold 1000 and 200 fen on the card$"),
        ((1000, 200), 1200, 1, "^the books hold 1000 and 200 fen on the card$"),
        ((1000, 0), 1, 999, "^the books hold 1000 and 0 fen on the card$"),
        ((0, 0), 5, 0, "^the books hold 0 and 0 fen on the card$"),
        ((0, 0), 0, 0, "1 to 1000 transfers"),
    ],
)
def test_what_the_books_do_not_hold_is_not_paid_out(
    database: Database, shadow: tuple[int, int], fen: int, left: int, sentence: str
) -> None:
    with book(database) as books:
        if sum(shadow):
            load(books, 1, sum(shadow), shadow[1])
        open_(books)
        before = held(books)
        with pytest.raises(LedgerError, match=sentence):
            plan(books, 2, fen, left=left)
        assert held(books) == before
        assert loads.pending_loads(books.connection, UID, 1) == []


def test_a_card_whose_principal_is_below_zero_is_looked_at_first(database: Database) -> None:
    """More was spent than was paid in: its bonus is not what it seems."""
    with book(database) as books:
        sell(books, 1, 10)
        load(books, 2, 30, 30)
        with pytest.raises(LedgerError, match=r"^the books hold -10 and 30 fen on the card$"):
            plan(books, 3, 20)


def test_a_till_that_refuses_stops_it(database: Database) -> None:
    def empty(_principal_fen: int) -> str:
        raise LookupError("the drawer holds less")

    with book(database) as books:
        load(books, 1, 100)
        before = held(books)
        with pytest.raises(LookupError):
            plan(books, 2, 100, empty)
        assert held(books) == before


def test_it_says_what_it_is_and_who_paid(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("host.clock.now_s", lambda: 1_000)
    with book(database) as books:
        load(books, 1, 100)
        number = pay_out(books, 2, 100)
    columns = "kind, reference, state, who, happened_s, change_fen, value_fen"
    with database.read() as connection:
        found = connection.tuples(f"SELECT {columns} FROM transactions WHERE id >= ? ORDER BY id", (number,))
    assert found == [
        ("payout", "04010203040506.1.2.2", "pending", "operator:ann", 1_000, None, None),
        ("payout", None, "posted", DESK, 1_000, -100, 0),
    ]


def test_how_much_was_paid_out_is_principal_that_the_card_proved(database: Database) -> None:
    def paid() -> int:
        books.flush()
        return loads.paid_out_fen(books.connection, UID, 1)

    with book(database) as books:
        load(books, 1, 100, 40)
        load(books, 1, 9, uid=OTHER)
        pay_out(books, 2, 9, OTHER)
        assert paid() == 0
        first = plan(books, 2, 100)
        assert paid() == 0, "it waits"
        loads.void_load(books, first, DESK)
        assert paid() == 0
        pay_out(books, 2, 100)
        assert paid() == 60
        load(books, 3, 70, 70)
        pay_out(books, 4, 70)
        load(books, 5, 500, value=500)
        sell(books, 6, 100, 400)
        pay_out(books, 7, 400)
        assert paid() == 460
        assert loads.paid_out_fen(books.connection, UID, 2) == 0
        assert loads.paid_out_fen(books.connection, OTHER, 1) == 9
