"""Money put on a card: planned, then posted when the card has proved it, or voided."""

from collections.abc import Callable

import pytest

from host.db.engine import Database
from host.ledger import loads, purse, waiting, wanted
from host.ledger.asked import state_of
from host.ledger.books import Books, book
from host.ledger.purse import CardMove
from host.ledger.terms import AlreadyBooked, LedgerError
from tests.host.ledger.purses import DESK, OTHER, OWNER, UID, balances, held, load, open_, sell

ANN, BOB = "operator:ann", "operator:bob"
MOVE = CardMove(UID, 1, 1, 500, 500)


@pytest.mark.parametrize("paid, given", [(500, 0), (300, 200), (0, 500)])
def test_a_top_up_is_what_was_paid_and_what_is_given_once_the_card_proves_it(
    database: Database, paid: int, given: int
) -> None:
    with book(database) as books:
        number = loads.plan_load(books, MOVE, DESK, 5, given)
    assert balances(database) == {}, "while it waits nothing moves"
    with book(database) as books:
        loads.post_load(books, number, MOVE, DESK)
    on_card = {("card", OWNER): paid, ("bonus", OWNER): given}
    from_where = {("cash", "house"): -paid, ("given", "house"): -given}
    assert balances(database) == {name: fen for name, fen in (on_card | from_where).items() if fen}


# Of 1000 paid and 200 given that wait: what is put on the card at a time, what waits after it
COLLECTED = [[(1200, (0, 0))], [(400, (600, 200)), (600, (0, 200)), (200, (0, 0))], [(1001, (0, 199))]]


@pytest.mark.parametrize("steps", COLLECTED)
def test_of_what_waits_for_a_card_what_was_paid_is_put_on_it_first(
    database: Database, steps: list[tuple[int, tuple[int, int]]]
) -> None:
    with book(database) as books:
        waiting.take(books, UID, 1, 1000, "house", ANN, "a slip", 200)
    value_fen = 0
    for tmc, (fen, left) in enumerate(steps, 1):
        value_fen += fen
        move = CardMove(UID, 1, tmc, fen, value_fen)
        with book(database) as books:
            before = waiting.of(books.connection, UID, 1)
            number = loads.plan_collection(books, move, BOB, before.principal_fen)
            assert waiting.of(books.connection, UID, 1) == before, "it waits there until the card has it"
            with pytest.raises(LedgerError, match="read the card first"):
                waiting.give_back(books, UID, 1, "house", ANN, "back")
        with book(database) as books:
            loads.post_load(books, number, move, BOB)
        found = balances(database)
        paid, given = 1000 - left[0], 200 - left[1]
        assert (found.get(("card", OWNER), 0), found.get(("bonus", OWNER), 0)) == (paid, given)
        with database.read() as connection:
            assert waiting.of(connection, UID, 1) == left


def test_a_bonus_that_comes_again_joins_the_one_that_is_there(database: Database) -> None:
    for tmc in (1, 2):
        with book(database) as books:
            load(books, tmc, 30, 10, 30 * tmc)
    with book(database) as books:
        sell(books, 3, 55, 5)
    assert (balances(database).get(("card", OWNER), 0), balances(database)["bonus", OWNER]) == (0, 5)


def of_nothing(books: Books) -> object:
    return loads.plan_load(books, MOVE._replace(change_fen=0), DESK, 5)


def of_less_than_nothing(books: Books) -> object:
    return loads.plan_load(books, MOVE._replace(change_fen=-5), DESK, 5)


def more_bonus_than_all(books: Books) -> object:
    return loads.plan_load(books, MOVE, DESK, 5, bonus_fen=501)


def less_bonus_than_none(books: Books) -> object:
    return loads.plan_load(books, MOVE, DESK, 5, bonus_fen=-1)


def end_of_nothing(books: Books) -> None:
    loads.post_load(books, 99, MOVE, DESK)


def void_of_nothing(books: Books) -> None:
    loads.void_load(books, 99, DESK)


REFUSED = [
    (of_nothing, "1 to 1000 transfers"),
    *((plan, "above zero") for plan in (of_less_than_nothing, more_bonus_than_all, less_bonus_than_none)),
    *((end, "^there is no transaction 99$") for end in (end_of_nothing, void_of_nothing)),
]


@pytest.mark.parametrize("ask, sentence", REFUSED)
def test_what_is_no_top_up_is_refused_and_leaves_nothing(
    database: Database, ask: Callable[[Books], object], sentence: str
) -> None:
    with book(database) as books:
        open_(books)
        before = held(books)
        with pytest.raises(LedgerError, match=sentence):
            ask(books)
        assert held(books) == before
        assert loads.pending_loads(books.connection, UID, 1) == []


def test_a_top_up_waits_until_the_card_has_proved_it(database: Database) -> None:
    with book(database) as books:
        number = loads.plan_load(books, MOVE, DESK, 5)
        assert purse.last_move(books.connection, UID, 1) == (0, 0)
    with book(database) as books:
        assert loads.pending_loads(books.connection, UID, 1) == [(number, MOVE)]
        loads.post_load(books, number, MOVE, DESK)
        with pytest.raises(AlreadyBooked):
            loads.post_load(books, number, MOVE, DESK)
        with pytest.raises(LedgerError, match="is posted, not pending"):
            loads.void_load(books, number, DESK)
    with database.read() as connection:
        assert loads.pending_loads(connection, UID, 1) == []
        assert purse.last_move(connection, UID, 1) == (1, 500)


def test_a_top_up_that_the_card_forgot_moves_nothing_and_may_be_tried_again(database: Database) -> None:
    with book(database) as books:
        first = loads.plan_load(books, MOVE, DESK, 5)
        loads.void_load(books, first, DESK)
        second = loads.plan_load(books, MOVE, DESK, 5)
        assert loads.pending_loads(books.connection, UID, 1) == [(second, MOVE)]
        assert state_of(books.connection, first) == "voided"
        with pytest.raises(LedgerError, match="is voided, not pending"):
            loads.post_load(books, first, MOVE, DESK)
        loads.post_load(books, second, MOVE, DESK)
    assert balances(database)["card", OWNER] == 500


def test_each_try_of_a_top_up_is_named_and_so_is_what_ended_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("host.clock.now_s", lambda: 1_000)
    with book(database) as books:
        load(books, 1, 7, uid=OTHER)  # another card's tries, and another life's, count for themselves
        loads.plan_load(books, CardMove(UID, 2, 1, 7, 7), DESK, 5)
        loads.void_load(books, loads.plan_load(books, MOVE, ANN, 5), BOB)
        second = loads.plan_load(books, MOVE, ANN, 6)
        loads.post_load(books, second, MOVE, "operator:cat")
        with pytest.raises(AlreadyBooked, match=r"^the books hold 04010203040506\.1\.1$"):
            loads.post_load(books, second, MOVE, DESK)
        number, first = open_(books).account_id, second - 2
    sql = "kind, reference, state, ends, who, happened_s, kiosk, purse, tmc, change_fen, value_fen"
    with database.read() as connection:
        found = connection.tuples(f"SELECT {sql} FROM transactions WHERE id >= ? ORDER BY id", (first,))
    nothing = (None, None, None, None, None)
    assert found == [
        ("load", "04010203040506.1.1.1", "pending", None, ANN, 5, *nothing),
        ("load", None, "voided", first, BOB, 1_000, *nothing),
        ("load", "04010203040506.1.1.2", "pending", None, ANN, 6, *nothing),
        ("load", None, "posted", second, "operator:cat", 1_000, None, number, 1, 500, 500),
    ]


def test_what_waits_of_one_card_is_not_anothers_nor_of_another_life(database: Database) -> None:
    moves = [MOVE, CardMove(UID, 1, 2, 70, 570), CardMove(UID, 2, 1, 5, 5), CardMove(OTHER, 1, 1, 9, 9)]
    with book(database) as books:
        numbers = [loads.plan_load(books, move, DESK, 5) for move in moves]
    with database.read() as connection:
        planned = list(zip(numbers, moves, strict=True))
        assert loads.pending_loads(connection, UID, 1) == planned[:2], "the oldest first"
        assert loads.pending_loads(connection, UID, 2) == planned[2:3]
        assert loads.pending_loads(connection, OTHER, 1) == planned[3:]
        assert loads.pending_loads(connection, OTHER, 2) == []


@pytest.mark.parametrize("proved", [True, False])
def test_a_card_is_wanted_while_its_top_up_is_open_and_kiosks_can_tell(
    database: Database, proved: bool
) -> None:
    with book(database) as books:
        versions = [wanted.version(books.connection)]
        number = loads.plan_load(books, MOVE, DESK, 5)
        versions.append(wanted.version(books.connection))
        assert wanted.is_wanted(books.connection, UID, 1)
        if proved:
            loads.post_load(books, number, MOVE, DESK)
        else:
            loads.void_load(books, number, DESK)
        versions.append(wanted.version(books.connection))
        assert not wanted.is_wanted(books.connection, UID, 1)
    assert versions == sorted(set(versions)), "each change of the list has a number of its own"


def test_a_top_up_is_a_move_of_its_card_like_a_sale(database: Database) -> None:
    """It may be booked before sales that came before it, whose kiosk is late."""
    with book(database) as books:
        load(books, 3, 500, value=480)
        books.flush()
        assert purse.has_gap(books.connection, UID, 1)
        for tmc, value in ((2, -20), (1, -10)):
            sell(books, tmc, 10, value)
        books.flush()
        assert not purse.has_gap(books.connection, UID, 1)
        load(books, 4, 7, value=487)
    with database.read() as connection:
        found = [purse.moved(connection, UID, 1, tmc) for tmc in (1, 2, 3, 4)]
        assert [pair and pair[1].change_fen for pair in found] == [-10, -10, 500, 7]
        assert purse.last_move(connection, UID, 1) == (4, 487)


def test_a_counter_that_a_sale_has_is_no_top_ups(database: Database) -> None:
    with book(database) as books:
        number = loads.plan_load(books, MOVE, DESK, 5)
        sell(books, 1, 10, 490)
        before = held(books)
        with pytest.raises(AlreadyBooked, match=r"^the books hold 04010203040506\.1\.1$"):
            loads.post_load(books, number, MOVE, DESK)
        assert held(books) == before
        assert loads.pending_loads(books.connection, UID, 1) == [(number, MOVE)]
