import pytest

from host.db.engine import Database
from host.ledger import lots
from host.ledger.books import Books, book
from host.ledger.terms import AlreadyBooked, LedgerError, Overdraft, Why

NOW_S = 1_000


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, NOW_S)


def at(monkeypatch: pytest.MonkeyPatch, now_s: int) -> None:
    monkeypatch.setattr("host.clock.now_s", lambda: now_s)


def why(reference: str | None = None, kind: str = "points") -> Why:
    return Why(kind, reference, "operator:desk", 5)


def member(books: Books, number: int = 1, unit: str = "points") -> int:
    return books.open_(f"member:{number}", "points", unit)


def earn(books: Books, *given: tuple[int, int | None], number: int = 1) -> None:
    """(amount, expiry) each"""
    for amount, expires_s in given:
        lots.earn(books, why(), member(books, number), amount, expires_s)


def left(database: Database) -> list[int]:
    """What remains of each lot, the oldest first; its sum must be the balances'."""
    with database.read() as connection:
        found = [row[0] for row in connection.execute("SELECT remaining FROM lots ORDER BY transfer_id")]
        held = connection.execute("SELECT sum(balance) FROM accounts WHERE kind = 'points'").fetchone()[0]
        issued = connection.execute("SELECT sum(balance) FROM accounts WHERE kind = 'issued'").fetchone()[0]
    assert (held or 0) == sum(found) and (issued or 0) == -sum(found)
    return found


def uses(database: Database) -> list[tuple[int, int, int]]:
    """(lot, transfer, amount)"""
    sql = "SELECT lot_id, transfer_id, amount FROM lot_uses ORDER BY transfer_id, lot_id"
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(sql)]


def test_the_oldest_is_spent_first_across_lots(database: Database) -> None:
    with book(database) as books:
        earn(books, (10, None), (20, NOW_S + 500), (30, NOW_S + 100))
        lots.spend(books, why(), member(books), 4)
    assert left(database) == [6, 20, 30]
    with book(database) as books:
        lots.spend(books, why(), member(books), 27)
    assert left(database) == [0, 0, 29]
    with book(database) as books:
        lots.spend(books, why(), member(books), 29)
    assert left(database) == [0, 0, 0]
    assert uses(database) == [(1, 4, 4), (1, 5, 6), (2, 5, 20), (3, 5, 1), (3, 6, 29)]


def test_a_lot_that_is_just_used_up_touches_no_other(database: Database) -> None:
    with book(database) as books:
        earn(books, (10, None), (5, None))
        lots.spend(books, why(), member(books), 10)
    assert left(database) == [0, 5]
    assert uses(database) == [(1, 3, 10)]


def test_a_lot_is_good_until_the_second_of_its_expiry(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with book(database) as books:
        earn(books, (10, NOW_S + 60))
    at(monkeypatch, NOW_S + 59)
    with book(database) as books:
        assert lots.spendable(books.connection, member(books), books.booked_s) == 10
        lots.spend(books, why(), member(books), 3)
        assert lots.expire(books, "host") == []
    at(monkeypatch, NOW_S + 60)
    with book(database) as books:
        assert lots.spendable(books.connection, member(books), books.booked_s) == 0
        with pytest.raises(Overdraft, match="0 points can be spent, 1 is asked"):
            lots.spend(books, why(), member(books), 1)
        assert lots.expire(books, "host") == [1]
        assert lots.expire(books, "host") == []
    assert left(database) == [0]
    with database.read() as connection:
        row = connection.execute(
            "SELECT reference, who, happened_s FROM transactions WHERE kind = 'expiry'"
        ).fetchone()
    assert tuple(row) == ("lot:1", "host", NOW_S + 60)


def test_what_expired_is_passed_over_and_what_never_expires_stays(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with book(database) as books:
        earn(books, (10, NOW_S + 60), (20, None), (30, NOW_S + 90))
        earn(books, (7, NOW_S + 60), number=2)
    at(monkeypatch, NOW_S + 60)
    with book(database) as books:
        lots.spend(books, why(), member(books), 25)
        assert lots.spendable(books.connection, member(books), books.booked_s) == 25
    assert left(database) == [10, 0, 25, 7]
    at(monkeypatch, 2**40)
    with book(database) as books:
        earn(books, (1, None))
        assert lots.expire(books, "host") == [1, 4, 3], "by their time"
    assert left(database) == [0, 0, 0, 0, 1]


def test_what_had_not_expired_then_can_be_spent_as_of_then(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stay that ended before the minutes did is booked later."""
    with book(database) as books:
        earn(books, (10, NOW_S + 60), (20, NOW_S + 90))
    at(monkeypatch, NOW_S + 100)
    with book(database) as books:
        points = member(books)
        with pytest.raises(Overdraft, match="20 points can be spent, 21 is asked"):
            lots.spend(books, why(), points, 21, at_s=NOW_S + 60)
        lots.spend(books, why(), points, 25, at_s=NOW_S + 59)
        assert lots.spendable(books.connection, points, NOW_S + 59) == 5
    assert left(database) == [0, 5]


def test_accounts_are_locked_with_those_that_their_units_come_from_and_no_others(database: Database) -> None:
    with book(database) as books:
        for unit in ("points", "visits", "vouchers"):
            lots.earn(books, why(), member(books, unit=unit), 1, None)
            lots.spend(books, why(), member(books, unit=unit), 1, books.open_("house", "sales", unit))
        earn(books, (5, None), number=2)
        books.open_("member:1", "issued")
        wanted = [books.open_("member:1", "points", unit) for unit in ("visits", "points")]
        issued = [books.open_("house", "issued", unit) for unit in ("visits", "points")]
    with book(database) as books:
        lots.lock(books, wanted)
        assert sorted(books.accounts) == sorted(wanted + issued)


def test_more_than_there_is_is_refused_and_changes_nothing(database: Database) -> None:
    with book(database) as books:
        earn(books, (10, None), (20, NOW_S + 1))
        with pytest.raises(Overdraft, match="30 points can be spent, 31 is asked"):
            lots.spend(books, why("1"), member(books), 31)
        lots.spend(books, why("1"), member(books), 30)
    assert left(database) == [0, 0]


@pytest.mark.parametrize("amount", [0, -5, 1.5])
def test_what_is_no_amount_is_refused(database: Database, amount: int) -> None:
    with book(database) as books:
        earn(books, (10, None))
        for ask in (
            lambda: lots.spend(books, why(), member(books), amount),
            lambda: lots.earn(books, why(), member(books), amount, None),
        ):
            with pytest.raises(LedgerError, match="a whole number above zero"):
                ask()
    assert left(database) == [10]


def test_a_name_is_spent_and_earned_once(database: Database) -> None:
    """Asked again, it is known: also when by now there would not be enough."""
    with book(database) as books:
        lots.earn(books, why("e"), member(books), 10, None)
        with pytest.raises(AlreadyBooked):
            lots.earn(books, why("e"), member(books), 10, None)
        lots.spend(books, why("s"), member(books), 10)
        with pytest.raises(AlreadyBooked):
            lots.spend(books, why("s"), member(books), 10)
    with book(database) as books, pytest.raises(AlreadyBooked):
        lots.spend(books, why("s"), member(books), 10)
    assert left(database) == [0]


def test_lots_of_another_account_or_unit_are_not_touched(database: Database) -> None:
    with book(database) as books:
        earn(books, (10, None))
        earn(books, (10, None), number=2)
        lots.earn(books, why(), member(books, unit="visits"), 3, None)
        lots.spend(books, why(), member(books, unit="visits"), 1)
        lots.spend(books, why(), member(books, 2), 4)
        with pytest.raises(Overdraft, match="2 visits can be spent"):
            lots.spend(books, why(), member(books, unit="visits"), 3)
    assert left(database) == [10, 6, 2]


def test_points_are_spent_to_where_one_says_but_not_to_points(database: Database) -> None:
    with book(database) as books:
        earn(books, (10, None))
        taker = books.open_("kiosk:K1", "sales", "points")
        lots.spend(books, why(), member(books), 4, taker)
        assert books.account(taker).balance == 4
        for wrong in (member(books, 2), books.open_("house", "cash")):
            with pytest.raises(LedgerError, match=r"^points are earned, not moved: where|stays in its unit"):
                lots.spend(books, why(), member(books), 1, wrong)
    with database.read() as connection:
        assert connection.execute("SELECT remaining FROM lots").fetchone()[0] == 6


def test_a_lot_is_known_by_the_transfer_that_earned_it(database: Database) -> None:
    with book(database) as books:
        earn(books, (10, None))
        lots.spend(books, why(), member(books), 4)
        lots.spend(books, why(), member(books), 5)
        earn(books, (20, None))
        assert books.account(member(books)).last_transfer == 4
    with database.read() as connection:
        found = [tuple(row) for row in connection.execute("SELECT transfer_id, amount FROM lots ORDER BY 1")]
    assert found == [(1, 10), (4, 20)]


def test_the_transaction_that_spent_is_told(database: Database) -> None:
    with book(database) as books:
        earn(books, (10, None), (10, None))
        numbers = [lots.spend(books, why(), member(books), amount) for amount in (10, 3, 7)]
    with database.read() as connection:
        sql = "SELECT transaction_id FROM transfers WHERE id > 2 ORDER BY id"
        assert [row[0] for row in connection.execute(sql)] == numbers


def test_lots_that_do_not_cover_their_account_stop_the_spending(database: Database) -> None:
    """Somebody changed a lot by hand: nothing may be booked that no lot gave."""
    with book(database) as books:
        earn(books, (10, None), (10, None))
        points = member(books)
    with (
        pytest.raises(LedgerError, match=f"^lots of account {points} do not cover 12$"),
        book(database) as books,
    ):
        lots._use(books, why(), points, 12, [(1, 10), (2, 1)], None)
    assert left(database) == [10, 10]
