"""Two workers whose batches undo the same entries and payments in opposite order never meet crosswise."""

import itertools
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from host.cards import pass_sales, passes
from host.cards.payers import payers
from host.db.connection import collisions
from host.db.engine import Database
from host.ledger.books import book
from host.terminals.fleet.kiosks import Kiosks
from host.terminals.intake.batch import Batches
from host.terminals.relay.session import Session
from host.terminals.sales.doors import Entry
from host.terminals.sales.entries import Entries
from host.terminals.sales.payments import Payments, Request
from protocol.wire import online
from tests.host.desk.counter import Desk
from tests.host.looks import holds, lock_waits
from tests.host.rig import NOW_S, KioskSide, Shop, open_shop
from tests.host.terminals.sales.payments import plain_card
from tests.host.terminals.sales.stay import sell
from tests.host.terminals.sales.test_entries import grant
from tests.waiting import until

ROUNDS, VISITS = 8, 4
CARDS = [bytes([4, 7, number]) + bytes(4) for number in range(VISITS)]
SECONDS = 60.0


@pytest.fixture
def shop(postgres_url: str, tmp_path: Path) -> Iterator[Shop]:
    shop = open_shop(tmp_path / "data", postgres_url)
    yield shop
    shop.opened.database.close()


class Door:
    """A kiosk with the worker that hears it, on a connection of its own."""

    def __init__(self, shop: Shop, name: str, writer: int) -> None:
        self.side: KioskSide = shop.connected(name)
        self.database = Database(shop.opened.database.where, writer=writer)
        kiosks = Kiosks(self.database, shop.opened.keeper)
        with self.database.read() as connection:
            kiosks.refresh(connection)
        kiosk = kiosks.find(name)
        assert kiosk is not None
        self.kiosk = kiosk
        self.batches = Batches(self.database, shop.opened.keeper, kiosks)
        self.collisions = 0
        self.entries = Entries(self.database, {"plain": lambda _card, _connection: None})
        self.payments = Payments(self.database, payers(self.database, shop.opened.keeper))

    def undone(self, uid: bytes, wants: int) -> bytes:
        """Something is decided for this card; the message that undoes it."""
        number = self.side.next_number()
        said = {"uid": uid, "request": bytes(8), "wants": wants, "card": online.PLAIN}
        request = Request(self.kiosk, *number, online.PLAIN, uid, 1)
        session = Session(self.kiosk, self.side.nonce, 1, said, lambda _down: None)
        decide = self.entries.decide if wants == online.ENTER else self.payments.decide
        assert decide(request, session).reason == ""
        return self.side.message(number, online.REVERSAL, uid=uid, amount_fen=1, happened_s=NOW_S)

    def write(self, begin: threading.Barrier, messages: list[bytes]) -> None:
        topic = f"tapledger/v1/{self.kiosk.name}/up"
        batch = [report for message in messages for report in self.batches.open(topic, message)]
        begin.wait(SECONDS)
        while True:
            try:
                self.batches.write(batch, False)
                return
            except collisions():
                self.collisions += 1


@pytest.mark.parametrize(
    "wants, minutes",
    [(online.ENTER, False), (online.ENTER, True), (online.PAY, False)],
    ids=["entries", "stays", "payments"],
)
def test_batches_in_opposite_order_wait_for_each_other(shop: Shop, wants: int, minutes: bool) -> None:
    for uid in CARDS:
        plain_card(shop, 1_000, uid)
        if minutes:
            sell(shop, 1_000, uid=uid)
        else:
            grant(shop, uid, 1_000, again=0)
    doors = [Door(shop, name, writer) for writer, name in enumerate(("K1", "K2"), 1)]
    begin = threading.Barrier(len(doors))
    for turn in itertools.islice(itertools.cycle((1, -1)), ROUNDS):
        threads = []
        for door, order in zip(doors, (turn, -turn), strict=True):
            undone = [door.undone(uid, wants) for uid in CARDS[::order]]
            threads.append(threading.Thread(target=door.write, args=(begin, undone)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SECONDS)
    assert [door.collisions for door in doors] == [0, 0]
    assert shop.query("SELECT count(*) FROM reports WHERE kind = 10") == [(2 * ROUNDS * VISITS,)]
    holds(shop)
    for door in doors:
        door.database.close()


def test_a_period_is_taken_back_while_a_door_waits_to_decide(shop: Shop) -> None:
    uid = CARDS[0]
    plain_card(shop, 1_000, uid)
    one = shop.look(passes.find, grant(shop, uid, 0, NOW_S * 2))
    assert one is not None
    Desk(shop).clerk()  # act 1
    door, said = Door(shop, "K1", 1), list[Entry]()
    number = door.side.next_number()
    session_said = {"uid": uid, "request": bytes(8), "wants": online.ENTER, "card": online.PLAIN}
    session = Session(door.kiosk, door.side.nonce, 1, session_said, lambda _down: None)
    request = Request(door.kiosk, *number, online.PLAIN, uid, 1)
    thread = threading.Thread(target=lambda: said.append(door.entries.decide(request, session)))
    with book(shop.opened.database) as books:
        what = pass_sales.unused(books.connection, one, books.booked_s)
        pass_sales.take_back(books, one, what, "shift:1", "operator:ann", 1, "x")
        thread.start()
        until(lambda: lock_waits(door.database))
        assert said == []
    thread.join(SECONDS)
    assert [entry.reason for entry in said] == ["no_pass"]
    door.database.close()


def test_a_pass_is_sold_while_a_door_decides(shop: Shop) -> None:
    """A door locks passes, then accounts: a sale that took the accounts first would meet it crosswise."""
    uid, desk = CARDS[0], Desk(shop)
    plain_card(shop, 1_000, uid)
    sell(shop, 60, uid=uid)
    clerk, sold = desk.clerk(), list[dict[str, Any]]()
    asked = {"uid": uid.hex(), "reason": "x", "minutes": 60}
    thread = threading.Thread(target=lambda: sold.append(desk.do(clerk, "pass", **asked)))
    database = Database(shop.opened.database.where, writer=1)
    with book(database) as books:
        found = passes.of_card(books.connection, uid, 1)
        passes.lock(books.connection, [one.id for one in found])
        thread.start()
        until(lambda: lock_waits(shop.opened.database))
        passes.locked(books, uid, 1)
    thread.join(SECONDS)
    assert [len(each["passes"]) for each in sold] == [2]
    database.close()
