"""Cards that the host wants to talk to: which they are, and what kiosks are told of them."""

import pytest

from host.db.engine import Database
from host.ledger import loads, waiting, wanted
from host.ledger.books import Books, book
from host.ledger.chart import card_owner
from host.ledger.purse import CardMove
from tests.host.ledger.entered import ANN, ISSUE, OTHER, UID


def uid_of(number: int) -> bytes:
    return (0x04_0000_0000_0000 + number).to_bytes(7, "big")


def take(books: Books, amount_fen: int, bonus_fen: int = 0, who: str = ANN, uid: bytes = UID) -> None:
    waiting.take(books, uid, ISSUE, amount_fen, "house", who, f"take {books.last}", bonus_fen)


def give_back(books: Books) -> None:
    waiting.give_back(books, UID, ISSUE, "house", ANN, f"back {books.last}")


def send(books: Books, amount_fen: int, principal_fen: int = 10_000, uid: bytes = UID) -> int:
    """A part of what waits is on its way to its card."""
    tmc = books.last + 1
    return loads.plan_collection(books, CardMove(uid, ISSUE, tmc, amount_fen, 0), ANN, principal_fen)


def replace(books: Books, old: bytes, bonus_fen: int, who: str) -> None:
    """Another card ended, and all it had was bonus: it waits for ours."""
    move = CardMove(old, ISSUE, 1, bonus_fen, bonus_fen)
    loads.post_load(books, loads.plan_load(books, move, ANN, 5, bonus_fen), move, ANN)
    to = card_owner(UID, ISSUE)
    waiting.release(books, old, ISSUE, (to, "waiting"), who, (to, "waiting-bonus"))


def is_wanted(database: Database, uid: bytes = UID, issue: int = ISSUE) -> bool:
    with database.read() as connection:
        return wanted.is_wanted(connection, uid, issue)


def marked(database: Database) -> list[bytes]:
    with database.read() as connection:
        marks = wanted.marks(connection)
    return [marks[at : at + wanted.MARK_SIZE] for at in range(0, len(marks), wanted.MARK_SIZE)]


def version(database: Database) -> int:
    with database.read() as connection:
        return wanted.version(connection)


@pytest.mark.parametrize("principal_fen, bonus_fen", [(500, 0), (500, 100), (0, 100)])
def test_a_card_is_wanted_while_anything_waits_for_it(
    database: Database, principal_fen: int, bonus_fen: int
) -> None:
    assert (is_wanted(database), marked(database), version(database)) == (False, [], 0)
    with book(database) as books:
        if principal_fen:
            take(books, principal_fen, bonus_fen)
        else:
            replace(books, OTHER, bonus_fen, ANN)
    told = version(database)
    assert (is_wanted(database), marked(database)) == (True, [UID[-4:]]) and told > 0
    assert not is_wanted(database, OTHER) and not is_wanted(database, issue=ISSUE + 1)
    with book(database) as books:
        give_back(books)
    assert (is_wanted(database), marked(database)) == (False, [])
    assert version(database) > told


@pytest.mark.parametrize("ends", ["taken", "voided"])
def test_a_card_is_wanted_while_a_top_up_may_be_on_it(database: Database, ends: str) -> None:
    """Nothing waits for it: it was paid at a desk, and its answer was lost."""
    move = CardMove(UID, ISSUE, 1, 500, 500)
    with book(database) as books:
        number = loads.plan_load(books, move, ANN, 5)
    told = version(database)
    assert (is_wanted(database), marked(database)) == (True, [UID[-4:]]) and told > 0
    assert not is_wanted(database, OTHER) and not is_wanted(database, issue=ISSUE + 1)
    with book(database) as books:
        if ends == "taken":
            loads.post_load(books, number, move, ANN)
        else:
            loads.void_load(books, number, ANN)
    assert (is_wanted(database), marked(database)) == (False, [])
    assert version(database) > told


def test_the_marks_rise_and_each_is_told_once(database: Database) -> None:
    with book(database) as books:
        for number in (3, 1, 2):
            take(books, 500, 100, uid=uid_of(number))
        send(books, 500, uid=uid_of(1))
        loads.plan_load(books, CardMove(uid_of(4), ISSUE, 1, 5, 5), ANN, 5)
    assert marked(database) == [uid_of(number)[-4:] for number in (1, 2, 3, 4)]


@pytest.mark.parametrize("bonus_fen", [0, 100])
def test_only_so_many_are_told_and_those_of_open_top_ups_first(
    database: Database, monkeypatch: pytest.MonkeyPatch, bonus_fen: int
) -> None:
    """The newest of each; a card for which principal and bonus wait takes one place."""
    monkeypatch.setattr(wanted, "MARKS_MAX", 4)
    with book(database) as books:
        for number in (8, 7):
            loads.plan_load(books, CardMove(uid_of(number), ISSUE, 1, 5, 5), ANN, 5)
        for number in (4, 1, 2, 3):
            take(books, 500, bonus_fen, uid=uid_of(number))
    assert marked(database) == [uid_of(number)[-4:] for number in (2, 3, 7, 8)]
    with book(database) as books:
        for number in (9, 6, 5):
            loads.plan_load(books, CardMove(uid_of(number), ISSUE, 1, 5, 5), ANN, 5)
    assert marked(database) == [uid_of(number)[-4:] for number in (5, 6, 7, 9)]


def test_principal_and_bonus_leave_room_for_as_many_cards(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wanted, "MARKS_MAX", 4)
    with book(database) as books:
        for number in range(1, 6):
            take(books, 500, 100, uid=uid_of(number))
    assert marked(database) == [uid_of(number)[-4:] for number in (2, 3, 4, 5)]
