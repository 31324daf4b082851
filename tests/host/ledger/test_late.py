"""What comes to light of a card whose value has gone elsewhere: whose loss it is, and what was no loss."""

import threading

import pytest

from host.db.engine import Database, create_or_open, open_existing
from host.ledger import held, late, loads, purse, waiting
from host.ledger.books import Books, book
from host.ledger.purse import CardMove
from tests.host.ledger.audit import audit
from tests.host.ledger.entered import ANN, BOB, CARD, ISSUE, NOW_S, UID, Entered, clock_at, entered
from tests.host.ledger.released import NAME, NEW, balances, load, release, sell
from tests.host.looks import lock_waits
from tests.waiting import until


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    clock_at(monkeypatch, NOW_S)


def test_what_a_released_card_still_paid_is_the_houses_loss(database: Database) -> None:
    """Once for each time that it comes to light; all of it in the unit of work that learnt of it."""
    with book(database) as books:
        load(books, 700)
        release(books)
        assert late.cover(books, sell(books, 2, 300), 2) == 300
        assert late.cover(books, sell(books, 3, 1), 3) == 1
        assert late.cover(books, purse.open_(books, UID, ISSUE, known=True), 3) == 0
    assert entered(database, "loss") == [
        Entered("loss", f"{NAME}.2", "house", NOW_S, [f"300 house losses > {CARD} card"]),
        Entered("loss", f"{NAME}.3", "house", NOW_S, [f"1 house losses > {CARD} card"]),
    ]
    assert balances(database) == {"shift:7 cash": 700, "house cash": -700, "house losses": -301} | {
        "kiosk:K1 sales": 301
    }


def test_of_a_card_that_lives_nothing_is_a_loss(database: Database) -> None:
    with book(database) as books:
        assert late.cover(books, sell(books, 1, 300), 1) == 0
        held.take_over(books, UID, ISSUE + 1, 400, ANN)
        waiting.release(books, UID, ISSUE + 1, ("shift:7", "cash"), BOB)  # another life of it
        assert late.cover(books, sell(books, 2, 5), 2) == 0
    assert balances(database)[f"{CARD} card"] == -305 and entered(database, "loss") == []


Sale = tuple[int, int, int]  # counter, price, what it left on the card

# a card of 40 was given 600 (100 of them bonus) at counter 2: what is told of it once it was released, what
# the house has lost after each
LATE: list[tuple[list[Sale], list[int]]] = [
    ([(3, 200, 440)], [200]),
    ([(3, 640, 0)], [640]),
    ([(3, 200, 440), (4, 440, 0)], [200, 640]),
    ([(4, 440, 0), (3, 200, 440)], [440, 640]),
    ([(4, 30, 10), (3, 600, 40)], [30, 630]),
]


def told(books: Books, sale: Sale) -> None:
    late.cover(books, sell(books, *sale), sale[0])


@pytest.mark.parametrize("waited", [True, False])
@pytest.mark.parametrize("sales, lost", LATE)
def test_a_top_up_that_was_on_the_card_after_all_closes_its_counter(
    database: Database, sales: list[Sale], lost: list[int], waited: bool
) -> None:
    """The 640 went to another card: what was spent of them on this one was got twice, and no fen more."""
    move = CardMove(UID, ISSUE, 2, 600, 640)
    with book(database) as books:
        load(books, 40)
        if waited:
            waiting.take(books, UID, ISSUE, 500, "house", ANN, "r1", 100)
            number = loads.plan_collection(books, move, ANN, 500)
        else:
            number = loads.plan_load(books, move, ANN, 5, 100)
        waiting.release(books, UID, ISSUE, (NEW, "waiting"), BOB, (NEW, "waiting-bonus"))
    elsewhere = {"house cash": -540, "house given": -100, f"{NEW} waiting": 540, f"{NEW} waiting-bonus": 100}
    for sale, lost_fen in zip(sales, lost, strict=True):
        with book(database) as books:
            told(books, sale)
        assert balances(database) == elsewhere | {"house losses": -lost_fen, "kiosk:K1 sales": lost_fen}
    (found,) = entered(database, "found")
    assert found == (
        *("found", f"transaction:{number}", "house", NOW_S),
        [f"500 house losses > {CARD} card", f"100 house losses > {CARD} bonus"],
    )
    with database.read() as connection:
        assert not purse.has_gap(connection, UID, ISSUE)
        assert purse.last_move(connection, UID, ISSUE) == (max(sales)[0], max(sales)[2])
        assert purse.moved(connection, UID, ISSUE, 2, purse.TO_THE_FIRST) is not None
        audit(connection)


def test_what_the_losses_bore_too_much_comes_back_in_the_same_unit_of_work(database: Database) -> None:
    with book(database) as books:
        load(books, 40)
        loads.plan_load(books, CardMove(UID, ISSUE, 2, 600, 640), ANN, 5, 100)
        release(books)
        assert late.cover(books, sell(books, 3, 200, 440), 3) == 200 - 600
    assert balances(database) == {
        "house cash": -540,
        "shift:7 cash": 540,
        "house losses": -200,
        "kiosk:K1 sales": 200,
    }
    assert entered(database, "loss")[0].moved == [
        f"300 {CARD} card > house losses",
        f"100 {CARD} bonus > house losses",
    ]


@pytest.mark.parametrize("spent_fen, lost_fen", [(310, 10), (300, 0), (120, -180)])
def test_a_refund_that_was_on_the_card_after_all_comes_from_the_sales_it_gives_back(
    database: Database, spent_fen: int, lost_fen: int
) -> None:
    """It went nowhere else, only the 10 did: what is left of it on the lost card nobody has got."""
    with book(database) as books:
        load(books, 310)
        sell(books, 2, 300, 10)
        books.flush()
        loads.plan_refund(books, CardMove(UID, ISSUE, 3, 300, 310), books.last, ANN, 5)
        release(books)
        told(books, (4, spent_fen, 310 - spent_fen))
    assert entered(database, "found")[0].moved == [f"300 kiosk:K1 sales > {CARD} card"]
    left = {"house cash": -310, "shift:7 cash": 10, "kiosk:K1 sales": spent_fen, "house losses": -lost_fen}
    assert balances(database) == {name: fen for name, fen in left.items() if fen}


@pytest.mark.parametrize(
    "sale",
    [
        pytest.param((2, 5, 35), id="the card did something else at that counter"),
        pytest.param((3, 5, 35), id="it had no more than before"),
        pytest.param((3, 5, 636), id="it had more than the top-up could make"),
    ],
)
def test_a_top_up_that_nothing_proves_is_not_found(database: Database, sale: Sale) -> None:
    with book(database) as books:
        load(books, 40)
        loads.plan_load(books, CardMove(UID, ISSUE, 2, 600, 640), ANN, 5)
        release(books)
        told(books, sale)
    assert entered(database, "found") == []
    assert balances(database)["house losses"] == -5


def test_an_attempt_before_it_at_the_same_counter_is_not_found_instead(database: Database) -> None:
    """The card was read then, and had not done that one."""
    with book(database) as books:
        load(books, 40)
        first = loads.plan_load(books, CardMove(UID, ISSUE, 2, 700, 740), ANN, 5)
        loads.void_load(books, first, ANN)
        second = loads.plan_load(books, CardMove(UID, ISSUE, 2, 600, 640), ANN, 5)
        release(books)
        told(books, (3, 10, 630))
    assert [one.reference for one in entered(database, "found")] == [f"transaction:{second}"]


def test_a_worker_that_tells_of_it_waits_until_the_card_is_released(postgres_url: str) -> None:
    """It books with another partition, and sees then that the top-up was voided."""
    create_or_open(postgres_url)
    worker, desk, looks = (open_existing(postgres_url, writer=writer) for writer in (1, 2, 3))

    def tell() -> None:
        with book(worker) as books:
            told(books, (3, 200, 440))
        worker.close()

    thread = threading.Thread(target=tell)
    with book(desk) as books:
        load(books, 40)
        loads.plan_load(books, CardMove(UID, ISSUE, 2, 600, 640), ANN, 5)
    try:
        with book(desk) as books:
            release(books)
            books.flush()
            thread.start()
            until(lambda: lock_waits(looks))
        thread.join()
        left = {"house cash": -640, "shift:7 cash": 640, "house losses": -200, "kiosk:K1 sales": 200}
        assert balances(looks) == left
        with looks.read() as connection:
            assert not purse.has_gap(connection, UID, ISSUE)
            audit(connection)
    finally:
        if thread.ident is not None:
            thread.join()
        desk.close()
        looks.close()
