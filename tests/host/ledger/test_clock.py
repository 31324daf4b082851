"""A clock that goes backwards: numbers give the order, nothing is refused, nothing expires twice."""

from pathlib import Path

import pytest

from host import clock
from host.cards import registry
from host.db import engine
from host.ledger import accounts, lots
from host.ledger.books import book
from host.ledger.terms import Overdraft, Why
from protocol.wire.messages import ACK, BOOKED, WELCOME
from tests.host.ledger import audit
from tests.host.rig import NOW_S, Shop

EARN = Why("earn", None, "house", 0)


def at(monkeypatch: pytest.MonkeyPatch, now_s: int) -> None:
    monkeypatch.setattr(clock, "now_s", lambda: now_s)


def test_sales_that_are_booked_earlier_than_the_one_before(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, kiosk = shop.card(10_000), shop.kiosk()
    for days in (0, -400, 2, -1):
        at(monkeypatch, NOW_S + days * 86_400)
        heard = shop.tell(kiosk, kiosk.hello(b"day %4d" % days))
        assert heard[WELCOME]["now_s"] == NOW_S + days * 86_400
        heard = shop.tell(kiosk, shop.sale(kiosk, card, 100))
        assert heard[ACK]["verdicts"] == [[kiosk.counter, BOOKED, 10_000 - 100 * kiosk.counter]]
    booked = shop.query("SELECT tmc, booked_s FROM transactions WHERE kind = 'sale' ORDER BY id")
    assert [tmc for tmc, _ in booked] == sorted(tmc for tmc, _ in booked), "in the order of their numbers"
    assert [(booked_s - NOW_S) // 86_400 for _, booked_s in booked] == [0, -400, 2, -1]
    assert shop.look(registry.flags, card.uid, 1) == [] and shop.alarms() == []
    shop.look(audit.audit)


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    if request.param == "sqlite":
        return tmp_path / "books.db"
    return str(request.getfixturevalue("postgres_url"))


def test_lots_expire_once_however_the_clock_goes(where: Path | str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = engine.create_or_open(where)
    at(monkeypatch, 0)
    with book(database) as books:
        member = books.open_("member:1", "points", "points")
        for expires_s in (100, 200, None):
            lots.earn(books, EARN, member, 10, expires_s)
    expired, left = [], []
    for now_s in (99, 100, 50, 100, 250, 0, 250):
        at(monkeypatch, now_s)
        with book(database) as books:
            expired.append(len(lots.expire(books, "house")))
            left.append(lots.spendable(books.connection, member, now_s))
    assert expired == [0, 1, 0, 0, 1, 0, 0]
    assert left == [30, 20, 20, 20, 10, 10, 10]
    at(monkeypatch, 0)  # what expired stays so, although by this clock it has not yet
    with book(database) as books, pytest.raises(Overdraft):
        lots.spend(books, EARN, member, 11)
    with database.read() as connection:
        assert accounts.balance(connection, member) == 10
        audit.audit(connection)
