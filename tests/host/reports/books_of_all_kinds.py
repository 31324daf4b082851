"""Books with one of everything that is exported."""

from datetime import UTC, datetime

import pytest

from host import clock
from host.db.engine import Database
from host.ledger import corrections, loads, lots, purse
from host.ledger.books import Books, book
from host.ledger.purse import CardMove
from host.ledger.terms import VOIDED, Transfer, Why

DESK = "operator:desk"
UID, STRANGER = bytes.fromhex("04A1B2C3D4E5F6"), bytes.fromhex("04000000000001")
ODD = 'of "one", two\\three;\n four | 会所 100%  \x01 '


def at_s(day: str) -> int:
    """Noon, UTC."""
    return int(datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC).timestamp())


def fill(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """From 2026-03-01 to 2026-03-05."""
    for day, step in enumerate((_top_up, _sell, _points, _correct, _odd), 1):
        now_s = at_s(f"2026-03-{day:02}")
        monkeypatch.setattr(clock, "now_s", lambda now_s=now_s: now_s)
        with book(database) as books:
            step(books)


def _top_up(books: Books) -> None:
    move = CardMove(UID, 1, 1, 120_000, 120_000)
    loads.post_load(books, loads.plan_load(books, move, DESK, books.booked_s, 20_000), move, DESK)
    void = CardMove(UID, 1, 2, 500, 120_500)
    loads.void_load(books, loads.plan_load(books, void, DESK, books.booked_s), DESK)
    loads.plan_load(books, CardMove(UID, 1, 2, 700, 120_700), DESK, books.booked_s)


def _sell(books: Books) -> None:
    of_a_card = purse.open_(books, UID, 1, known=True)
    for tmc, price, left in ((2, 110_005, 9_995), (4, 1, 9_994)):
        move = CardMove(UID, 1, tmc, -price, left)
        purse.book_sale(books, "sale", of_a_card, move, "front-door", books.booked_s - 90_000)
    unknown = purse.open_(books, STRANGER, 1, known=False)
    purse.book_sale(books, "sale", unknown, CardMove(STRANGER, 1, 1, -250, 0), "K2", 2**53)


def _points(books: Books) -> None:
    points = books.open_("member:7", "points", "points")
    lots.earn(books, Why("earn", "1", DESK, 0), points, 100, books.booked_s)
    lots.earn(books, Why("earn", "2", DESK, 0), points, 50, None)
    lots.spend(books, Why("spend", "1", DESK, 0), points, 20)
    lots.expire(books, DESK)
    for unit in ("visits", "minutes", "vouchers"):
        lots.earn(books, Why("earn", unit, DESK, 0), books.open_("member:7", "points", unit), 3, None)


def _correct(books: Books) -> None:
    corrections.move_sale(books, CardMove(UID, 1, 4, -1, 9_994), "front-door", "K2")
    bank, cash = books.open_("house", "bank"), books.open_("house", "cash")
    banked = books.post(Why("banked", "1", DESK, books.booked_s), [Transfer(bank, cash, 100_000)])
    corrections.reverse(books, banked, DESK)
    books.post(Why("banked", "2", DESK, books.booked_s), [Transfer(bank, cash, 90_000)])


def _odd(books: Books) -> None:
    for owner in ("", ODD, "house:sub", "X", "x"):
        books.post(
            Why(f"kind {ODD}", f"{owner} {ODD}", ODD, books.booked_s, kiosk=ODD),
            [Transfer(books.open_("house", "cash"), books.open_(owner, "cash"), 7)],
        )
    waiting = books.plan(Why("later", "1", DESK, 0), [Transfer(1, books.open_("house", "refunds"), 5)])
    books.end(waiting, VOIDED, Why("later", None, DESK, 0))
