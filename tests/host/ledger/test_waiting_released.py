"""The value of a card that ended, without the card: where it goes."""

import threading

import pytest

from host.db.engine import Database, create_or_open, open_existing
from host.ledger import held, late, loads, purse, waiting, wanted
from host.ledger.books import book
from host.ledger.purse import CardMove
from host.ledger.terms import AlreadyBooked
from host.ledger.waiting import Waiting
from tests.host.ledger.entered import ANN, BOB, CARD, ISSUE, NOW_S, OTHER, UID, clock_at, entered
from tests.host.ledger.released import NAME, NEW, balances, load, release, sell
from tests.host.looks import lock_waits
from tests.waiting import until


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    clock_at(monkeypatch, NOW_S)


def test_all_that_a_card_has_and_that_waits_for_it_goes_to_the_next_one(database: Database) -> None:
    with book(database) as books:
        load(books, 700, 200)
        waiting.take(books, UID, ISSUE, 50, "shift:7", ANN, "r1", 30)
        waiting.take(books, UID, ISSUE + 1, 9, "shift:7", ANN, "another life")
    with database.read() as connection:
        before = wanted.version(connection)
        assert not waiting.released(connection, UID, ISSUE)
    with book(database) as books:
        to = (NEW, "waiting"), BOB, (NEW, "waiting-bonus")
        assert waiting.release(books, UID, ISSUE, *to) == Waiting(750, 230)
    (told,) = entered(database, "release")
    assert told[:4] == ("release", NAME, BOB, NOW_S)
    assert sorted(told.moved) == [
        f"200 {CARD} bonus > {NEW} waiting-bonus",
        f"30 {CARD} waiting-bonus > {NEW} waiting-bonus",
        f"50 {CARD} waiting > {NEW} waiting",
        f"700 {CARD} card > {NEW} waiting",
    ]
    with database.read() as connection:
        assert waiting.of(connection, OTHER, 1) == Waiting(750, 230)
        assert waiting.of(connection, UID, ISSUE + 1) == Waiting(9, 0)
        assert waiting.released(connection, UID, ISSUE)
        assert not waiting.released(connection, UID, ISSUE + 1)
        assert not waiting.released(connection, OTHER, ISSUE)
        assert wanted.version(connection) > before


def test_paid_out_it_is_the_principal_and_the_bonus_falls_back(database: Database) -> None:
    with book(database) as books:
        load(books, 700, 200)
        assert release(books) == Waiting(700, 200)
    assert balances(database) == {"house cash": -700, "shift:7 cash": 700}


def test_of_a_card_that_holds_nothing_itself_it_is_its_account(database: Database) -> None:
    with book(database) as books:
        held.take_over(books, UID, ISSUE, 400, ANN)
        assert release(books) == Waiting(400, 0)
    assert balances(database) == {"house opening": -400, "shift:7 cash": 400}


def test_a_top_up_whose_answer_was_lost_goes_along(database: Database) -> None:
    with book(database) as books:
        loads.plan_load(books, CardMove(UID, ISSUE, 1, 600, 600), ANN, 5, 100)
        assert release(books) == Waiting(500, 100)
        assert loads.pending_loads(books.connection, UID, ISSUE) == []
    assert entered(database, "take")[0].who == BOB
    assert balances(database) == {"house cash": -500, "shift:7 cash": 500}


@pytest.mark.parametrize("waited", [True, False])
@pytest.mark.parametrize(
    "spent_fen, left", [(200, (340, 100)), (540, (0, 100)), (541, (0, 99)), (580, (0, 60)), (640, (0, 0))]
)
def test_what_was_spent_of_such_a_top_up_does_not_go_along(
    database: Database, spent_fen: int, left: tuple[int, int], waited: bool
) -> None:
    """The next sale began with what it leaves on the card: so it is there, though no answer came."""
    move = CardMove(UID, ISSUE, 2, 600, 640)
    with book(database) as books:
        load(books, 40)
        if waited:
            waiting.take(books, UID, ISSUE, 500, "house", ANN, "r1", 100)
            loads.plan_collection(books, move, ANN, 500)
        else:
            loads.plan_load(books, move, ANN, 5, 100)
        sell(books, 3, spent_fen, 640 - spent_fen)
        assert release(books) == Waiting(*left)
    with database.read() as connection:
        assert not purse.has_gap(connection, UID, ISSUE)
    assert [one.who for one in entered(database, "load")] == [ANN, BOB]
    cash = {"house cash": -540, "shift:7 cash": left[0], "house given": left[1] - 100}
    sold = {"kiosk:K1 sales": spent_fen}
    assert balances(database) == {name: fen for name, fen in (cash | sold).items() if fen}


def test_what_was_spent_of_it_does_not_go_along_either_when_the_sale_before_was_not_told(
    database: Database,
) -> None:
    """A kiosk that is gone took 100; what another one says the card had then is more than without it."""
    with book(database) as books:
        load(books, 40)
        loads.plan_load(books, CardMove(UID, ISSUE, 2, 600, 640), ANN, 5)
        sell(books, 4, 300, 240)
        assert release(books) == Waiting(340, 0)
        assert late.cover(books, sell(books, 3, 100, 540), 3) == 100
    assert balances(database) == {
        "house cash": -640,
        "shift:7 cash": 340,
        "kiosk:K1 sales": 400,
        "house losses": -100,
    }


def test_a_sale_that_another_worker_books_meanwhile_is_waited_for(postgres_url: str) -> None:
    """It holds the card: what it tells of the top-up is known before that is decided."""
    create_or_open(postgres_url)
    worker, desk, looks = (open_existing(postgres_url, writer=writer) for writer in (1, 2, 3))
    found: list[Waiting] = []

    def release_there() -> None:
        with book(desk) as books:
            found.append(release(books))
        desk.close()

    thread = threading.Thread(target=release_there)
    with book(worker) as books:
        load(books, 40)
        loads.plan_load(books, CardMove(UID, ISSUE, 2, 600, 640), ANN, 5)
    try:
        with book(worker) as books:
            sell(books, 3, 200, 440)
            books.flush()
            thread.start()
            until(lambda: lock_waits(looks))
    finally:
        thread.join()
        worker.close()
        looks.close()
    assert found == [Waiting(440, 0)]


def test_a_top_up_that_the_books_know_the_card_forgot_goes_along(database: Database) -> None:
    """It did something else at that counter."""
    with book(database) as books:
        loads.plan_load(books, CardMove(UID, ISSUE, 1, 600, 600), ANN, 5, 100)
        sell(books, 1, 5)
        assert release(books) == Waiting(500, 100)


def test_a_shadow_below_zero_has_nothing_to_give(database: Database) -> None:
    with book(database) as books:
        sell(books, 1, 100)
        waiting.take(books, UID, ISSUE, 1, "shift:7", ANN, "r1")
        assert release(books) == Waiting(1, 0)
    assert balances(database) == {f"{CARD} card": -100, "kiosk:K1 sales": 100}


def test_a_card_without_anything_moves_nothing(database: Database) -> None:
    with book(database) as books:
        load(books, 100)
        sell(books, 2, 100)
        assert release(books) == Waiting(0, 0)
        assert waiting.release(books, OTHER, 1, ("shift:7", "cash"), BOB) == Waiting(0, 0)
    assert entered(database, "release") == []


def test_it_is_released_once(database: Database) -> None:
    """Also when more has come to it since."""
    with book(database) as books:
        load(books, 700)
        release(books)
        waiting.take(books, UID, ISSUE, 50, "shift:7", ANN, "r1")
        sent = loads.plan_collection(books, CardMove(UID, ISSUE, 2, 50, 750), ANN, 50)
        with pytest.raises(AlreadyBooked):
            release(books)
        assert [number for number, _ in loads.pending_loads(books.connection, UID, ISSUE)] == [sent]
    with database.read() as connection:
        assert waiting.of(connection, UID, ISSUE) == Waiting(50, 0)
