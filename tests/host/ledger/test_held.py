"""Money of cards that hold none themselves: taken over, paid in, and how much of it was spent since when."""

import pytest

from host.db.engine import Database
from host.ledger import accounts, corrections, held
from host.ledger.books import Books, book
from host.ledger.terms import AlreadyBooked, LedgerError, Overdraft, Transfer, Why
from tests.host.ledger.entered import ANN, BOB, CARD, ISSUE, NOW_S, OTHER, UID, Entered, clock_at, entered

HOUR_S = 3600


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    clock_at(monkeypatch, NOW_S)


def pay(books: Books, *parts_fen: int, uid: bytes = UID) -> int:
    """Each part to a site of its own; the transaction."""
    card = held.open_(books, uid, ISSUE)
    sites = [books.open_(f"site:{place}", "sales") for place in range(len(parts_fen))]
    moved = [Transfer(card, site, part) for site, part in zip(sites, parts_fen, strict=True)]
    return books.post(Why("payment", None, "kiosk:K1", 5), moved)


def load(books: Books, amount_fen: int, reference: str = "r1", uid: bytes = UID) -> int:
    return held.load(books, uid, ISSUE, amount_fen, "shift:7", ANN, reference)


def spent(database: Database, since_s: int, uid: bytes = UID, issue: int = ISSUE) -> int:
    with database.read() as connection:
        return held.spent_since(connection, uid, issue, since_s)


def balance(database: Database, uid: bytes = UID, issue: int = ISSUE) -> int | None:
    with database.read() as connection:
        return accounts.card_balance(connection, uid, issue)


def test_each_life_of_a_card_has_an_account_which_holds_no_less_than_nothing(database: Database) -> None:
    with book(database) as books:
        first, again = (held.open_(books, UID, ISSUE) for _ in range(2))
        others = {held.open_(books, UID, ISSUE + 1), held.open_(books, OTHER, ISSUE)}
        assert first == again and len(others - {first}) == 2
        load(books, 100)
        with pytest.raises(Overdraft, match=f"account of {CARD} holds 100, 101 is asked"):
            pay(books, 101)


def test_what_an_old_card_held_is_taken_over_once(database: Database) -> None:
    with book(database) as books:
        assert held.take_over(books, UID, ISSUE, 400, ANN) == books.last
        with pytest.raises(AlreadyBooked):
            held.take_over(books, UID, ISSUE, 500, BOB)
        held.take_over(books, OTHER, ISSUE, 7, ANN)
    moved = [f"400 house opening > {CARD} account"]
    assert entered(database)[0] == Entered("opening", CARD, ANN, NOW_S, moved)
    assert (balance(database), balance(database, OTHER)) == (400, 7)


def test_what_a_customer_pays_is_on_his_card_at_once_and_once(database: Database) -> None:
    with book(database) as books:
        assert load(books, 500) == books.last
        with pytest.raises(AlreadyBooked):
            load(books, 70)
        load(books, 70, "r2", OTHER)
    moved = [f"500 shift:7 cash > {CARD} account"]
    assert entered(database)[0] == Entered("account-load", "r1", ANN, NOW_S, moved)
    assert (balance(database), balance(database, OTHER)) == (500, 70)


def test_of_a_load_that_is_asked_again_one_sees_which_card_it_was_and_how_much(database: Database) -> None:
    with book(database) as books:
        load(books, 500)
        other = load(books, 70, "r2", OTHER)
        books.post(Why("drawer-float", "r1", ANN, 5), [Transfer(*cash_and_safe(books), 9)])
        books.flush()
        assert held.loaded(books, "r1") == (held.open_(books, UID, ISSUE), 500)
        assert held.loaded(books, "r2") == (held.open_(books, OTHER, ISSUE), 70)
        assert other == books.last - 1


def cash_and_safe(books: Books) -> tuple[int, int]:
    return books.open_("shift:7", "cash"), books.open_("house", "cash")


@pytest.mark.parametrize("amount_fen", [0, -5])
def test_what_is_no_amount_comes_on_no_card(database: Database, amount_fen: int) -> None:
    with book(database) as books:
        for ask in (load, lambda books, fen: held.take_over(books, UID, ISSUE, fen, ANN)):
            with pytest.raises(LedgerError, match="a whole number above zero"):
                ask(books, amount_fen)
        assert load(books, 5) == books.last
    assert balance(database) == 5


def test_what_left_the_account_since_a_second_is_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In parts or not; not what came in, nor what left another card's."""
    with book(database) as books:
        load(books, 1000)
        load(books, 1000, "r2", OTHER)
    for hour, parts_fen in enumerate([(100,), (20, 3), (7,)]):
        clock_at(monkeypatch, NOW_S + hour * HOUR_S)
        with book(database) as books:
            pay(books, *parts_fen)
            pay(books, 300 + hour, uid=OTHER)
            load(books, 50, f"r{hour}-more")
    since = (NOW_S, NOW_S + 1, NOW_S + HOUR_S, NOW_S + HOUR_S + 1, NOW_S + 2 * HOUR_S, NOW_S + 2 * HOUR_S + 1)
    assert [spent(database, at_s) for at_s in since] == [130, 30, 30, 7, 7, 0]
    assert spent(database, 0) == 130
    assert spent(database, NOW_S, issue=ISSUE + 1) == 0, "a card without an account"


def test_what_was_reversed_was_not_spent_and_frees_nothing_of_another_day(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with book(database) as books:
        load(books, 1000)
        yesterday = pay(books, 100)
    clock_at(monkeypatch, NOW_S + 24 * HOUR_S)
    with book(database) as books:
        today = [pay(books, amount_fen) for amount_fen in (30, 5)]
        corrections.reverse(books, yesterday, ANN)
        back = corrections.reverse(books, today[0], ANN)
    assert [spent(database, at_s) for at_s in (NOW_S + HOUR_S, 0)] == [5, 5]
    with book(database) as books:
        corrections.reverse(books, back, ANN)
    assert [spent(database, at_s) for at_s in (NOW_S + HOUR_S, 0)] == [35, 35], "it was paid after all"
