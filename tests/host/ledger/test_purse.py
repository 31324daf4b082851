import itertools
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from host.db import engine
from host.db.engine import Database
from host.ledger import accounts, loads, purse
from host.ledger.books import book
from host.ledger.purse import CardMove
from host.ledger.terms import AlreadyBooked, LedgerError, Purse
from tests.host.ledger.purses import OTHER, UID, balances, load, open_, sell
from tests.host.looks import lock_waits
from tests.waiting import until

UIDS = itertools.count(0x04_2000_0000_0080)


def gaps(database: Database, uid: bytes = UID) -> list[tuple[int, int]]:
    with database.read() as connection:
        number = purse.find(connection, uid, 1)
        assert number is not None
        return purse.gaps(connection, number)


def test_a_sale_moves_the_cards_money_to_the_kiosks_sales(database: Database) -> None:
    with book(database) as books:
        load(books, 1, 1000, value=1000)
        number = sell(books, 2, 250, 750)
    assert balances(database) == {
        ("card", "card:04010203040506:1"): 750,
        ("cash", "house"): -1000,
        ("sales", "kiosk:K1"): 250,
    }
    with database.read() as connection:
        assert purse.last_move(connection, UID, 1) == (2, 750)
        assert purse.moved(connection, UID, 1, 2) == (number, CardMove(UID, 1, 2, -250, 750))
        before = purse.moved(connection, UID, 1, 1)
        assert before is not None and before[1] == CardMove(UID, 1, 1, 1000, 1000)
        assert not purse.has_gap(connection, UID, 1)


def test_a_card_that_nobody_knows_has_said_nothing(database: Database) -> None:
    with database.read() as connection:
        assert purse.find(connection, UID, 1) is None
        assert purse.last_move(connection, UID, 1) == (0, 0)
        assert purse.moved(connection, UID, 1, 1) is None
        assert not purse.has_gap(connection, UID, 1)
        assert loads.pending_loads(connection, UID, 1) == []


def test_a_gap_opens_splits_and_closes(database: Database) -> None:
    steps = [
        (10, [(1, 9)]),
        (5, [(1, 4), (6, 9)]),
        (1, [(2, 4), (6, 9)]),
        (4, [(2, 3), (6, 9)]),
        (13, [(2, 3), (6, 9), (11, 12)]),
        (12, [(2, 3), (6, 9), (11, 11)]),
        (11, [(2, 3), (6, 9)]),
        (3, [(2, 2), (6, 9)]),
        (2, [(6, 9)]),
        *((tmc, [(tmc + 1, 9)]) for tmc in (6, 7, 8)),
        (9, []),
        (14, []),
    ]
    for tmc, left in steps:
        with book(database) as books:
            sell(books, tmc, value=tmc)
        assert gaps(database) == left
        with database.read() as connection:
            assert purse.has_gap(connection, UID, 1) == bool(left)
    with database.read() as connection:
        assert purse.last_move(connection, UID, 1) == (14, 14)
        found = [purse.moved(connection, UID, 1, tmc) for tmc, _ in steps]
        assert [pair and pair[0] for pair in found] == list(range(1, 15))


def test_a_move_is_looked_for_only_so_far_back(database: Database) -> None:
    """Whoever reports a counter chooses how far back it lies; one that is not booked costs no walk at all."""
    newest = purse.WALK_MAX + 3
    with book(database) as books:
        for tmc in range(2, newest + 1):
            sell(books, tmc, value=tmc, uid=OTHER)
    with database.read() as connection:
        last = newest - purse.WALK_MAX + 1
        assert purse.moved(connection, OTHER, 1, last) == (last - 1, CardMove(OTHER, 1, last, -100, last))
        for tmc in (last - 1, 2):
            with pytest.raises(purse.TooFar, match=rf"^04AAAAAAAAAAAA\.1\.{tmc} lies more than 200"):
                purse.moved(connection, OTHER, 1, tmc)
        found = purse.moved(connection, OTHER, 1, 2, purse.TO_THE_FIRST)
        assert found is not None and found[1].tmc == 2
        assert [purse.moved(connection, OTHER, 1, tmc) for tmc in (0, 1, newest + 1)] == [None] * 3


@pytest.mark.parametrize("newest", ["NULL", "(SELECT min(id) FROM transactions)"])
def test_a_counter_whose_move_is_lost_is_held_by_none(database: Database, newest: str) -> None:
    """Somebody changed the books by hand: the card's moves do not hang together any more."""
    with book(database) as books:
        for tmc in (1, 2):
            sell(books, tmc)
        books.flush()
        books.connection.execute(f"UPDATE accounts SET last_move = {newest} WHERE kind = 'card'")
        assert purse.moved(books.connection, UID, 1, 2) is None


def as_ranges(missing: set[int]) -> list[tuple[int, int]]:
    """{2, 3, 7} -> [(2, 3), (7, 7)]"""
    found: list[tuple[int, int]] = []
    for number in sorted(missing):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 12), max_size=20), st.sets(st.integers(0, 20)))
def test_counters_in_any_order_are_a_set(database: Database, counters: list[int], cuts: set[int]) -> None:
    """Against a set; cuts: before which of them a new unit of work begins."""
    uid = next(UIDS).to_bytes(7, "big")
    model: set[int] = set()
    parts = [0, *sorted(cut for cut in cuts if 0 < cut < len(counters)), len(counters)]
    for first, last in itertools.pairwise(parts):
        with book(database) as books:
            found = purse.open_(books, uid, 1, known=True)
            for tmc in counters[first:last]:
                assert purse.is_booked(books.connection, found, tmc) == (tmc in model)
                if tmc in model:
                    with pytest.raises(AlreadyBooked):
                        sell(books, tmc, uid=uid)
                else:
                    sell(books, tmc, value=tmc, uid=uid)
                model.add(tmc)
                assert found.missing == found.tmc - len(model)
    highest = max(model, default=0)
    assert gaps(database, uid) == as_ranges(set(range(1, highest)) - model)
    with database.read() as connection:
        assert purse.last_move(connection, uid, 1) == (highest, highest)
        for tmc in range(14):
            found_move = purse.moved(connection, uid, 1, tmc)
            move = found_move and found_move[1]
            assert move == (CardMove(uid, 1, tmc, -100, tmc) if tmc in model else None)
        assert accounts.card_balance(connection, uid, 1) == -100 * len(model)


def test_a_counter_is_booked_once_and_a_refused_double_changes_nothing(database: Database) -> None:
    with book(database) as books:
        sell(books, 2, 100, 900)
        before = vars_of(open_(books))
        for price, value in ((100, 900), (7, 1)):
            with pytest.raises(AlreadyBooked, match=r"04010203040506\.1\.2"):
                sell(books, 2, price, value)
        with pytest.raises(AlreadyBooked):
            load(books, 2, 50)
        assert vars_of(open_(books)) == before
    assert gaps(database) == [(1, 1)]
    assert balances(database)["card", "card:04010203040506:1"] == -100


def vars_of(found: Purse) -> list[object]:
    return [getattr(found, name) for name in Purse.__slots__]


def test_another_life_of_a_card_has_counters_of_its_own(database: Database) -> None:
    with book(database) as books:
        sell(books, 1)
        second = purse.open_(books, UID, 2, known=True)
        assert not purse.is_booked(books.connection, second, 1)
        purse.book_sale(books, "sale", second, CardMove(UID, 2, 1, -5, 0), "K1", 5)
    assert balances(database)["card", "card:04010203040506:2"] == -5


@pytest.mark.parametrize("tmc", [0, -1])
def test_no_counter_is_below_one(database: Database, tmc: int) -> None:
    with book(database) as books:
        sell(books, 1)
        with pytest.raises(LedgerError, match="counters begin at 1"):
            sell(books, tmc)


def test_the_money_of_a_card_that_nobody_knows_is_suspense(database: Database) -> None:
    with book(database) as books:
        stranger = purse.open_(books, UID, 1, known=False)
        purse.book_sale(books, "sale", stranger, CardMove(UID, 1, 7, -30, 5), "K1", 5)
    with book(database) as books:
        assert purse.open_(books, UID, 1, known=True).account_id == stranger.account_id
    assert balances(database)["suspense", "card:04010203040506:1"] == -30
    assert gaps(database) == [(1, 6)]


def test_two_workers_of_postgres_on_one_card_see_each_others_counters(postgres_url: str) -> None:
    """The second waits for the first, and then knows what the first booked."""
    engine.create_or_open(postgres_url)
    first, second = (engine.open_existing(postgres_url, writer=writer) for writer in (1, 2))
    with book(first) as books:
        sell(books, 1)
    waiting, refused = threading.Event(), []

    def work() -> None:
        with book(second) as books:
            waiting.set()
            try:
                sell(books, 2)
            except AlreadyBooked as error:
                refused.append(error)
            sell(books, 3)
        second.close()

    other = threading.Thread(target=work)
    with book(first) as books:
        sell(books, 2)
        books.flush()
        other.start()
        assert waiting.wait(10)
        watcher = engine.open_existing(postgres_url)
        until(lambda: lock_waits(watcher))
    watcher.close()
    other.join(10)
    assert len(refused) == 1 and gaps(first) == []
    with first.read() as connection:
        assert purse.last_move(connection, UID, 1)[0] == 3
        assert accounts.card_balance(connection, UID, 1) == -300
    first.close()


def test_two_units_of_work_open_a_purse_once(place: Path | str) -> None:
    database = engine.create_or_open(place)
    for _ in range(2):
        with book(database) as books:
            assert open_(books).account_id == open_(books).account_id
    with database.read() as connection:
        assert connection.execute("SELECT count(*) AS n FROM purses").fetchone()["n"] == 1
    database.close()


def test_a_new_purse_holds_nothing_and_has_said_nothing(database: Database) -> None:
    uid = bytes.fromhex("04ABCDEF123456")
    with book(database) as books:
        found = purse.open_(books, uid, 7, True)
        number = found.account_id
        assert found == Purse(number, None, uid, 7, 0, 0, 0, None)
        assert books.account(number).owner == "card:04ABCDEF123456:7"
    with book(database) as books:
        assert purse.open_(books, uid, 7, True) == Purse(number, None, uid, 7, 0, 0, 0, None)
