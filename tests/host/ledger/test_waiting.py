"""Money for a card that is not on it: taken, given back, kept of a card that ended."""

import pytest

from host.db.engine import Database
from host.ledger import held, loads, waiting, wanted
from host.ledger.asked import state_of
from host.ledger.books import Books, book
from host.ledger.purse import CardMove
from host.ledger.terms import AlreadyBooked, LedgerError
from host.ledger.waiting import Waiting
from tests.host.ledger.entered import ANN, BOB, CARD, ISSUE, NOW_S, OTHER, UID, Entered, clock_at, entered

DRAWER = "shift:7"


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    clock_at(monkeypatch, NOW_S)


def take(books: Books, amount_fen: int, bonus_fen: int = 0, reference: str = "r1") -> int:
    return waiting.take(books, UID, ISSUE, amount_fen, DRAWER, ANN, reference, bonus_fen)


def give_back(books: Books, reference: str = "b1") -> Waiting:
    return waiting.give_back(books, UID, ISSUE, "shift:8", BOB, reference)


def pending(books: Books, amount_fen: int = 500, bonus_fen: int = 0, tmc: int = 1) -> int:
    """A top-up, paid at a desk, whose commit may have been sent."""
    return loads.plan_load(books, CardMove(UID, ISSUE, tmc, amount_fen, amount_fen), ANN, 5, bonus_fen)


def waits(database: Database, uid: bytes = UID, issue: int = ISSUE) -> Waiting:
    with database.read() as connection:
        return waiting.of(connection, uid, issue)


def version(database: Database) -> int:
    with database.read() as connection:
        return wanted.version(connection)


def test_what_a_customer_pays_is_in_the_drawer_and_waits_for_his_card(database: Database) -> None:
    before = version(database)
    with book(database) as books:
        first = take(books, 500, 100)
        second = take(books, 50, reference="r2")
        assert second == first + 1 == books.last
    assert entered(database) == [
        Entered(
            *("take", "r1", ANN, NOW_S),
            [f"500 {DRAWER} cash > {CARD} waiting", f"100 house given > {CARD} waiting-bonus"],
        ),
        Entered("take", "r2", ANN, NOW_S, [f"50 {DRAWER} cash > {CARD} waiting"]),
    ]
    assert waits(database) == Waiting(550, 100) and waits(database).total_fen == 650
    assert waits(database, OTHER) == waits(database, issue=ISSUE + 1) == Waiting(0, 0)
    assert version(database) > before, "kiosks are told"


def test_what_is_asked_again_was_taken_once(database: Database) -> None:
    with book(database) as books:
        take(books, 500, 100)
    before = version(database)
    with book(database) as books, pytest.raises(AlreadyBooked):
        take(books, 70)
    assert (waits(database), version(database)) == (Waiting(500, 100), before)


@pytest.mark.parametrize("amount_fen, bonus_fen", [(0, 0), (-500, 0), (500, -100), (0, 100)])
def test_what_is_no_amount_is_not_taken(database: Database, amount_fen: int, bonus_fen: int) -> None:
    with book(database) as books, pytest.raises(LedgerError, match="a whole number above zero"):
        take(books, amount_fen, bonus_fen)
    assert entered(database) == [] and waits(database) == Waiting(0, 0)


def test_an_act_that_took_money_is_known_by_its_reference(database: Database) -> None:
    """Whether the money went to a card that waits or to one whose money is in the books."""
    with book(database) as books:
        take(books, 500, 100)
        held.load(books, OTHER, 1, 500, DRAWER, ANN, "r2")
        give_back(books, "b1")
    with database.read() as connection:
        found = {name: waiting.taken_for(connection, name) for name in ("r1", "r2", "b1", "r3")}
        assert found == {"r1": CARD, "r2": "card:0499999999AABB:1", "b1": None, "r3": None}
        known = [
            (kind, name)
            for kind in (waiting.TAKE, waiting.GIVE_BACK)
            for name in ("r1", "b1", "r3")
            if waiting.is_booked(connection, kind, name)
        ]
    assert known == [("take", "r1"), ("give-back", "b1")]


def left_waiting(books: Books, principal_fen: int, bonus_fen: int) -> None:
    """A bonus can wait alone: that of a card which had nothing else."""
    pending(books, principal_fen + bonus_fen, bonus_fen)
    waiting.keep(books, UID, ISSUE, ANN)


# what waits: principal, bonus -> what is booked to give it back
BACK = [
    ((500, 0), [f"500 {CARD} waiting > shift:8 cash"]),
    ((0, 100), [f"100 {CARD} waiting-bonus > house given"]),
    ((1, 1), [f"1 {CARD} waiting > shift:8 cash", f"1 {CARD} waiting-bonus > house given"]),
]


@pytest.mark.parametrize("waited, moved", BACK)
def test_principal_is_given_back_and_a_bonus_falls_back_to_where_it_came_from(
    database: Database, waited: tuple[int, int], moved: list[str]
) -> None:
    """Out of the cash of whoever gives it back. What waits for other cards waits on."""
    with book(database) as books:
        left_waiting(books, *waited)
        waiting.take(books, OTHER, ISSUE, 9, DRAWER, ANN, "another card")
        waiting.take(books, UID, ISSUE + 1, 8, DRAWER, ANN, "another life")
    before = version(database)
    with book(database) as books:
        assert give_back(books) == Waiting(*waited)
    assert entered(database, "give-back") == [Entered("give-back", "b1", BOB, NOW_S, moved)]
    assert waits(database) == Waiting(0, 0)
    assert (waits(database, OTHER), waits(database, issue=ISSUE + 1)) == (Waiting(9, 0), Waiting(8, 0))
    assert version(database) > before


def test_it_is_given_back_once_and_nothing_when_nothing_waits(database: Database) -> None:
    with book(database) as books:
        with pytest.raises(LedgerError, match=r"^nothing waits for this card$"):
            give_back(books)
        take(books, 500)
        give_back(books)
        with pytest.raises(AlreadyBooked):
            give_back(books)
        with pytest.raises(LedgerError, match=r"^nothing waits for this card$"):
            give_back(books, "b2")
    assert len(entered(database, "give-back")) == 1


def test_nothing_is_given_back_that_may_be_on_the_card(database: Database) -> None:
    """A top-up of it was sent and no answer came; the same act asked again is known all the same."""
    with book(database) as books:
        take(books, 500)
        give_back(books)
        take(books, 300, reference="r2")
        sent = loads.plan_collection(books, CardMove(UID, ISSUE, 1, 300, 300), ANN, 300)
        with pytest.raises(LedgerError, match=r"may be on it already: read the card first$"):
            give_back(books, "b2")
        with pytest.raises(AlreadyBooked):
            give_back(books, "b1")
    assert waits(database) == Waiting(300, 0)
    with book(database) as books:
        loads.void_load(books, sent, ANN)
        loads.plan_load(books, CardMove(OTHER, ISSUE, 1, 5, 5), ANN, 5)
        assert give_back(books, "b2") == Waiting(300, 0)


def test_of_a_card_that_is_gone_what_was_paid_for_it_is_kept(database: Database) -> None:
    with book(database) as books:
        numbers = [pending(books, 600, 100, tmc=1), pending(books, 70, tmc=2)]
        other = loads.plan_load(books, CardMove(OTHER, ISSUE, 1, 5, 5), ANN, 5)
        waiting.keep(books, UID, ISSUE, BOB)
        books.flush()
        states = [state_of(books.connection, number) for number in (*numbers, other)]
        assert states == ["voided", "voided", "pending"]
    paid, given = f"house cash > {CARD} waiting", f"house given > {CARD} waiting-bonus"
    assert entered(database) == [
        Entered("take", f"transaction:{numbers[0]}", BOB, NOW_S, [f"500 {paid}", f"100 {given}"]),
        Entered("take", f"transaction:{numbers[1]}", BOB, NOW_S, [f"70 {paid}"]),
    ]
    with database.read() as connection:
        rows = connection.execute("SELECT who FROM transactions WHERE state = 'voided'")
        assert [who for (who,) in rows] == [BOB, BOB]


def test_what_was_planned_of_what_waits_waits_on(database: Database) -> None:
    """Nobody paid for it anew; and what was to be taken off the card is on it still."""
    with book(database) as books:
        take(books, 500, 100)
        loads.plan_collection(books, CardMove(UID, ISSUE, 1, 600, 600), ANN, 500)
        waiting.keep(books, UID, ISSUE, BOB)
        move = CardMove(UID, ISSUE, 1, 600, 600)
        loads.post_load(books, loads.plan_collection(books, move, ANN, 500), move, ANN)
        loads.plan_payout(books, CardMove(UID, ISSUE, 2, -600, 0), lambda fen: DRAWER, ANN)
        waiting.keep(books, UID, ISSUE, BOB)
        assert loads.pending_loads(books.connection, UID, ISSUE) == []
    assert [one.kind for one in entered(database)] == ["take", "load"]
    assert waits(database) == Waiting(0, 0)
