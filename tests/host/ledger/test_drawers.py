"""What a drawer should hold, what is promised out of it, and what a count finds more or less."""

import pytest

from host.db.engine import Database
from host.ledger import drawers, loads
from host.ledger.books import Books, book
from host.ledger.purse import CardMove
from host.ledger.terms import AlreadyBooked, LedgerError
from tests.host.ledger.entered import ANN, BOB, ISSUE, NOW_S, OTHER, UID, Entered, clock_at, entered

SHIFT = 7


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    clock_at(monkeypatch, NOW_S)


def move(
    books: Books, amount_fen: int, reference: str = "m1", other: str = "safe", shift: int = SHIFT
) -> None:
    drawers.move(books, shift, drawers.PLACES[other], amount_fen, drawers.MOVE, ANN, reference)


def holds_fen(database: Database, shift: int = SHIFT) -> int:
    with database.read() as connection:
        return drawers.holds_fen(connection, shift)


def promised_fen(database: Database, shift: int = SHIFT) -> int:
    with database.read() as connection:
        return drawers.promised_fen(connection, shift)


@pytest.mark.parametrize(
    "amount_fen, other, moved, held_fen",
    [
        (500, "safe", "500 shift:7 cash > house cash", 1500),
        (-400, "safe", "400 house cash > shift:7 cash", 600),
        (1, "bank", "1 shift:7 cash > house bank", 1001),
        (-1000, "bank", "1000 house bank > shift:7 cash", 0),
    ],
)
def test_cash_moves_into_a_drawer_or_out_of_it(
    database: Database, amount_fen: int, other: str, moved: str, held_fen: int
) -> None:
    with book(database) as books:
        move(books, 1000, "float")
        move(books, 3, "float of another", shift=SHIFT + 1)
        move(books, amount_fen, "m1", other)
    assert entered(database)[-1] == Entered("drawer-move", "m1", ANN, NOW_S, [moved])
    assert [holds_fen(database, shift) for shift in (SHIFT, SHIFT + 1, SHIFT + 2)] == [held_fen, 3, 0]


def test_cash_moves_once_and_nothing_is_no_amount(database: Database) -> None:
    with book(database) as books:
        move(books, 500)
        for amount_fen in (500, -500):
            with pytest.raises(AlreadyBooked):
                move(books, amount_fen)
        with pytest.raises(LedgerError, match="a whole number above zero"):
            move(books, 0, "m2")
        drawers.move(books, SHIFT, drawers.SAFE, 1, drawers.FLOAT, ANN, "m1")  # of another kind
    assert holds_fen(database) == 501


@pytest.mark.parametrize(
    "counted_fen, over_fen, moved",
    [
        (1000, 0, None),
        (1001, 1, "1 shift:7 cash > shift:7 over-short"),
        (900, -100, "100 shift:7 over-short > shift:7 cash"),
        (0, -1000, "1000 shift:7 over-short > shift:7 cash"),
    ],
)
def test_after_a_count_the_books_hold_what_was_counted(
    database: Database, counted_fen: int, over_fen: int, moved: str | None
) -> None:
    with book(database) as books:
        move(books, 1000)
        assert drawers.counted(books, SHIFT, counted_fen, BOB, "c1") == (1000, over_fen)
    assert entered(database, "drawer-count") == (
        [Entered("drawer-count", "c1", BOB, NOW_S, [moved])] if moved else []
    )
    assert holds_fen(database) == counted_fen
    with book(database) as books:
        assert drawers.counted(books, SHIFT, counted_fen, BOB, "c2") == (counted_fen, 0)


def test_a_count_is_booked_once(database: Database) -> None:
    with book(database) as books:
        assert drawers.counted(books, SHIFT, 20, BOB, "c1") == (0, 20), "a drawer nobody put anything into"
        with pytest.raises(AlreadyBooked):
            drawers.counted(books, SHIFT, 30, BOB, "c1")
    assert holds_fen(database) == 20


def pay_out(books: Books, uid: bytes, whose: str, principal_fen: int, bonus_fen: int) -> tuple[int, CardMove]:
    """A card that has this is about to be paid out."""
    move = CardMove(uid, ISSUE, 1, principal_fen + bonus_fen, principal_fen + bonus_fen)
    loads.post_load(books, loads.plan_load(books, move, ANN, 5, bonus_fen), move, ANN)
    off = CardMove(uid, ISSUE, 2, -move.change_fen, 0)
    return loads.plan_payout(books, off, lambda fen: whose, ANN), off


@pytest.mark.parametrize("proves", [True, False])
def test_what_cards_are_about_to_be_paid_is_promised_until_they_are(database: Database, proves: bool) -> None:
    """The principal alone: a bonus is not paid out of a drawer."""
    assert promised_fen(database) == 0
    with book(database) as books:
        move(books, 1000)
        number, off = pay_out(books, UID, "shift:7", 300, 40)
        pay_out(books, OTHER, "shift:7", 5, 0)
        pay_out(books, OTHER[::-1], "shift:8", 60, 0)
        pay_out(books, UID[::-1], "house", 70, 0)
    assert [promised_fen(database, shift) for shift in (SHIFT, SHIFT + 1, SHIFT + 2)] == [305, 60, 0]
    assert holds_fen(database) == 1000
    with book(database) as books:
        if proves:
            loads.post_load(books, number, off, ANN)
        else:
            loads.void_load(books, number, ANN)
    assert (promised_fen(database), holds_fen(database)) == (5, 700 if proves else 1000)


def test_a_top_up_that_is_pending_promises_nothing(database: Database) -> None:
    with book(database) as books:
        loads.plan_load(books, CardMove(UID, ISSUE, 1, 500, 500), ANN, 5)
    assert promised_fen(database) == 0
