"""What waits for cards, since when, and who took it."""

import pytest

from host.db.engine import Database
from host.ledger import loads, waiting, wanted
from host.ledger.books import Books, book
from host.ledger.purse import CardMove
from host.ledger.wanted import Wait
from tests.host.ledger.entered import ANN, BOB, ISSUE, NOW_S, OTHER, UID, clock_at
from tests.host.ledger.test_wanted import give_back, replace, send, take, uid_of

LEA = "operator:lea"


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    clock_at(monkeypatch, NOW_S)


def collect(books: Books, amount_fen: int, principal_fen: int = 10_000) -> None:
    move = CardMove(UID, ISSUE, books.last + 1, amount_fen, 0)
    loads.post_load(books, send(books, amount_fen, principal_fen), move, ANN)


def waits(database: Database) -> list[Wait]:
    with database.read() as connection:
        return wanted.waits(connection)


def taken_by(database: Database) -> list[str]:
    """Who of these may say that he took all of it himself."""
    with database.read() as connection:
        return [who for who in (ANN, BOB) if wanted.is_taken_by(connection, UID, ISSUE, who)]


def test_of_a_card_that_has_all_its_money_nothing_waits(database: Database) -> None:
    """Also while a top-up is pending that was paid at a desk."""
    with book(database) as books:
        take(books, 500, 100)
        collect(books, 600, 500)
        loads.plan_load(books, CardMove(OTHER, ISSUE, 1, 500, 500), ANN, 5)
    assert waits(database) == []


def test_what_waits_is_told_the_oldest_first(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for at_s, number, who in ((30, 1, ANN), (10, 2, BOB), (20, 3, ANN), (40, 2, LEA)):
        clock_at(monkeypatch, at_s)
        with book(database) as books:
            take(books, 500, 100 * (number == 1), who, uid_of(number))
    assert waits(database) == [
        Wait(uid_of(2), ISSUE, 1000, LEA, 10),
        Wait(uid_of(3), ISSUE, 500, ANN, 20),
        Wait(uid_of(1), ISSUE, 600, ANN, 30),
    ]


def test_it_waits_since_the_first_of_what_is_still_there(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part that was put on the card leaves the rest as old as it is; what comes when all is gone is new."""
    seen = []
    for at_s, amount_fen, collected_fen in ((10, 500, 500), (20, 300, 100), (30, 50, 60), (40, 5, 0)):
        clock_at(monkeypatch, at_s)
        with book(database) as books:
            take(books, amount_fen)
            if collected_fen:
                collect(books, collected_fen)
        seen += [(wait.amount_fen, wait.since_s) for wait in waits(database)]
    assert seen == [(200, 20), (190, 20), (195, 20)]


@pytest.mark.parametrize("order", ["paid, given", "given, paid", "paid, given, paid", "given, paid, given"])
def test_who_came_last_is_told_whether_it_was_paid_or_given(
    database: Database, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    steps = order.split(", ")
    for number, step in enumerate(steps):
        clock_at(monkeypatch, NOW_S + number)
        with book(database) as books:
            if step == "paid":
                take(books, 100)
            else:
                replace(books, uid_of(number), 100, LEA)
    last = ANN if steps[-1] == "paid" else LEA
    assert waits(database) == [Wait(UID, ISSUE, 100 * len(steps), last, NOW_S)]


def test_however_often_a_part_was_collected_what_is_left_has_an_age(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wanted, "TAKES_MAX", 2)
    with book(database) as books:
        take(books, 500)
        for _ in range(5):
            collect(books, 10)
    clock_at(monkeypatch, NOW_S + 9)
    assert waits(database) == [Wait(UID, ISSUE, 450, ANN, NOW_S)] and taken_by(database) == [ANN]


def test_what_one_person_took_is_his_until_another_adds_to_it(database: Database) -> None:
    with book(database) as books:
        take(books, 500, 100)
        take(books, 50)
        take(books, 7, who=BOB, uid=OTHER)
    assert taken_by(database) == [ANN]
    with book(database) as books:
        take(books, 1, who=BOB)
    assert taken_by(database) == []
    with book(database) as books:
        collect(books, 551)
        assert waiting.of(books.connection, UID, ISSUE).bonus_fen == 100
    assert taken_by(database) == [ANN], "of what is left"
    with book(database) as books:
        give_back(books)
        take(books, 5, who=BOB)
    assert taken_by(database) == [BOB]


def test_what_another_card_left_was_taken_by_nobody(database: Database) -> None:
    with book(database) as books:
        take(books, 500)
        replace(books, OTHER, 100, ANN)
    assert taken_by(database) == []


def test_of_too_much_nobody_is_sure_and_the_age_is_that_of_the_oldest_looked_at(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wanted, "TAKES_MAX", 3)
    seen = []
    for at_s in (10, 20, 30, 40):
        clock_at(monkeypatch, at_s)
        with book(database) as books:
            take(books, 500)
        seen.append((taken_by(database), waits(database)[0].since_s))
    assert seen == [([ANN], 10), ([ANN], 10), ([ANN], 10), ([], 20)]
