import pytest

from host.db.engine import Database
from host.ledger import corrections, loads, lots, purse
from host.ledger.asked import transfers_of
from host.ledger.books import Books, book
from host.ledger.corrections import Place
from host.ledger.purse import CardMove
from host.ledger.terms import POSTED, AlreadyBooked, LedgerError, Overdraft, Transfer, Why

DESK = "operator:desk"
UID = bytes.fromhex("04010203040506")
SALE = CardMove(UID, 1, 1, -250, 750)


def why(reference: str | None = None) -> Why:
    return Why("banked", reference, DESK, 5)


def three(books: Books) -> tuple[int, int, int]:
    """(cash, bank, refunds)"""
    return books.open_("house", "cash"), books.open_("house", "bank"), books.open_("house", "refunds")


def balances(books: Books) -> tuple[int, ...]:
    return tuple(books.account(number).balance for number in three(books))


def sell(books: Books, kiosk: str = "K1", move: CardMove = SALE) -> int:
    return purse.book_sale(books, "sale", purse.open_(books, UID, 1, True), move, kiosk, 5)


def sales(books: Books, kiosk: str) -> int:
    return books.account(books.open_(f"kiosk:{kiosk}", "sales")).balance


def test_a_reversal_is_every_transfer_the_other_way_round(database: Database) -> None:
    with book(database) as books:
        cash, bank, refunds = three(books)
        moved = [Transfer(cash, bank, 5), Transfer(cash, refunds, 7), Transfer(refunds, bank, 7)]
        number = books.post(why(), moved)
        back = corrections.reverse(books, number, "operator:ann")
        assert balances(books) == (0, 0, 0)
        books.flush()
        row = books.connection.execute(
            "SELECT kind, reference, who, first_transfer FROM transactions WHERE id = ?", (back,)
        ).fetchone()
        assert tuple(row)[:3] == ("reversal", f"transaction:{number}", "operator:ann")
        assert transfers_of(books.connection, back, row["first_transfer"]) == [
            Transfer(bank, refunds, 7),  # the last first: else refunds would be below zero meanwhile
            Transfer(refunds, cash, 7),
            Transfer(bank, cash, 5),
        ]


def test_a_transaction_is_reversed_once(database: Database) -> None:
    with book(database) as books:
        cash, bank, _ = three(books)
        number = books.post(why(), [Transfer(cash, bank, 5)])
        corrections.reverse(books, number, DESK)
        with pytest.raises(AlreadyBooked):
            corrections.reverse(books, number, DESK)
    with book(database) as books:
        with pytest.raises(AlreadyBooked):
            corrections.reverse(books, number, DESK)
        assert balances(books) == (0, 0, 0)


def test_a_reversal_may_be_reversed_once_too(database: Database) -> None:
    with book(database) as books:
        cash, bank, _ = three(books)
        number = books.post(why(), [Transfer(cash, bank, 5)])
        back = corrections.reverse(books, number, DESK)
        again = corrections.reverse(books, back, DESK)
        assert balances(books) == (-5, 5, 0)
        for done in (number, back):
            with pytest.raises(AlreadyBooked):
                corrections.reverse(books, done, DESK)
        corrections.reverse(books, again, DESK)
        assert balances(books) == (0, 0, 0)


def test_what_was_spent_cannot_be_taken_back(database: Database) -> None:
    with book(database) as books:
        cash, bank, refunds = three(books)
        number = books.post(why(), [Transfer(cash, refunds, 5)])
        books.post(why(), [Transfer(refunds, bank, 1)])
        with pytest.raises(Overdraft, match="refunds of house holds 4, 5 is asked"):
            corrections.reverse(books, number, DESK)
        books.post(why(), [Transfer(bank, refunds, 1)])
        corrections.reverse(books, number, DESK)
        assert balances(books) == (0, 0, 0)


def test_a_planned_transaction_is_reversed_by_the_row_that_posted_it(database: Database) -> None:
    with book(database) as books:
        cash, bank, _ = three(books)
        planned = books.plan(why("p"), [Transfer(cash, bank, 5)])
        with pytest.raises(LedgerError, match=f"transaction {planned} has moved nothing"):
            corrections.reverse(books, planned, DESK)
        posted = books.end(planned, POSTED, why())
        with pytest.raises(LedgerError, match=f"transaction {planned} has moved nothing"):
            corrections.reverse(books, planned, DESK)
        corrections.reverse(books, posted, DESK)
        assert balances(books) == (0, 0, 0)


@pytest.mark.parametrize("state", ["voided", "expired"])
def test_what_moved_nothing_or_is_not_there_cannot_be_reversed(database: Database, state: str) -> None:
    with book(database) as books:
        cash, bank, _ = three(books)
        ended = books.end(books.plan(why(), [Transfer(cash, bank, 5)]), state, why())
        for number in (ended, 99, -1):
            with pytest.raises(LedgerError, match="moved nothing that could be reversed"):
                corrections.reverse(books, number, DESK)


def test_what_a_card_did_only_the_card_takes_back(database: Database) -> None:
    with book(database) as books:
        sale = sell(books)
        load = CardMove(UID, 1, 2, 500, 1250)
        loads.post_load(books, loads.plan_load(books, load, DESK, 5), load, DESK)
        for number in (sale, purse.open_(books, UID, 1, True).last_move):
            assert number is not None
            with pytest.raises(LedgerError, match="happened on a card"):
                corrections.reverse(books, number, DESK)


def test_points_are_not_reversed_for_their_lots_would_not_follow(database: Database) -> None:
    with book(database) as books:
        member = books.open_("member:1", "points", "points")
        earned = lots.earn(books, why(), member, 10, None)
        spent = lots.spend(books, why(), member, 4)
        for number in (earned, spent):
            with pytest.raises(LedgerError, match="moved points"):
                corrections.reverse(books, number, DESK)
        assert books.account(member).balance == 6


def test_a_sale_moves_to_the_kiosk_that_proves_it_once(database: Database) -> None:
    with book(database) as books:
        number = sell(books)
        corrections.infer(books, number)
        assert corrections.place(books.connection, number, SALE) == Place("K1", True)
        corrections.move_sale(books, SALE, "K1", "K2")
        with pytest.raises(AlreadyBooked):
            corrections.move_sale(books, SALE, "K2", "K3")
        assert (sales(books, "K1"), sales(books, "K2")) == (0, 250)
        books.flush()
        assert corrections.place(books.connection, number, SALE) == Place("K2", False)


def test_a_top_up_took_place_at_no_kiosk(database: Database) -> None:
    with book(database) as books:
        number = sell(books)
        books.flush()
        assert corrections.place(books.connection, number, SALE) == Place("K1", False)
        load = CardMove(UID, 1, 2, 500, 1250)
        loaded = loads.plan_load(books, load, DESK, 5)
        loads.post_load(books, loaded, load, DESK)
        books.flush()
        assert corrections.place(books.connection, loaded, load) == Place(None, False)
