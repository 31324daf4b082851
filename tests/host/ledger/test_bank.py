"""Several writers move money while others look: none ever sees a sum that is off, or money that is not there.

After Jepsen's bank test. Each writer has a partition of its own, as the workers of one PostgreSQL have.
"""

import contextlib
import random
import threading
from collections.abc import Callable
from pathlib import Path

from host.db.connection import Connection, collisions
from host.db.engine import Database
from host.ledger import books, lots, purse
from host.ledger.books import Books
from host.ledger.chart import NEVER
from host.ledger.purse import CardMove
from host.ledger.terms import AlreadyBooked, Overdraft, Transfer, Why
from tests.host.ledger import audit

WRITERS, READERS = 3, 2
TRANSACTIONS = 120  # of each writer
ACCOUNTS, EACH_FEN = 8, 100
SECONDS = 60.0


class Crew:
    """Threads with a database each; what one of them raises is raised at the end of the block."""

    def __init__(self, where: Path | str) -> None:
        self.where = where
        self.collisions = 0
        self._threads: list[threading.Thread] = []
        self._faults: list[BaseException] = []

    def start(
        self, work: Callable[[Database, random.Random], None], writer: int, read_only: bool = False
    ) -> None:
        def run() -> None:
            database = Database(self.where, read_only, writer)
            try:
                work(database, random.Random(writer))
            except BaseException as error:
                self._faults.append(error)
            finally:
                database.close()

        self._threads.append(threading.Thread(target=run, name=f"writer {writer}"))
        self._threads[-1].start()

    def unit(self, database: Database, work: Callable[[Books], object]) -> None:
        """One unit of work, again when it met another's on the way."""
        while True:
            try:
                with books.book(database) as opened:
                    work(opened)
                return
            except collisions():
                self.collisions += 1

    def join(self) -> None:
        for thread in self._threads:
            thread.join(SECONDS)
            assert not thread.is_alive(), thread.name
        self._threads = []
        for fault in self._faults:
            raise fault


def look(connection: Connection, group: list[int]) -> None:
    """One moment: what must hold of it."""
    audit.sums(connection)
    rows = connection.execute(
        f"SELECT balance FROM accounts WHERE id IN {connection.INTS}", (connection.ints(group),)
    )
    assert sum(row[0] for row in rows) == ACCOUNTS * EACH_FEN
    off = connection.execute(
        "SELECT a.id FROM accounts a JOIN transfers t ON t.id = a.last_transfer"
        " WHERE a.balance <> CASE WHEN t.debit_id = a.id THEN t.debit_after ELSE t.credit_after END"
    )
    assert [row[0] for row in off] == [], "a balance is what its last transfer left"


def test_every_look_sees_all_money_and_none_that_is_not_there(database: Database, place: Path | str) -> None:
    with books.book(database) as work:
        cash = work.open_("house", "cash")
        group = [work.open_(f"card:{n}", "account") for n in range(ACCOUNTS)]
        assert {work.account(number).below_zero for number in group} == {NEVER}
        work.post(Why("load", None, "house", 0), [Transfer(cash, number, EACH_FEN) for number in group])
    crew, done, looks, refused = Crew(place), threading.Event(), [0] * READERS, [0] * (WRITERS + 1)

    def move(database: Database, chance: random.Random) -> None:
        for n in range(TRANSACTIONS):
            picked = [chance.sample(group, 2) for _ in range(chance.randint(1, 3))]
            moved = [Transfer(debit, credit, chance.randint(1, EACH_FEN)) for debit, credit in picked]

            def one(work: Books, n: int = n, moved: list[Transfer] = moved) -> None:
                try:
                    work.post(Why("correction", f"{database.writer}.{n}", "house", 0), moved)
                except Overdraft:
                    refused[database.writer] += 1

            crew.unit(database, one)

    def read(database: Database, chance: random.Random) -> None:
        while not done.is_set():
            with database.read() as connection:
                look(connection, group)
            looks[database.writer] += 1

    for writer in range(1, WRITERS + 1):
        crew.start(move, writer)
    readers = Crew(place)
    for reader in range(READERS):
        readers.start(read, reader, read_only=True)
    try:
        crew.join()
    finally:
        done.set()
        readers.join()
    assert min(looks) > 0 and sum(refused) > 0
    assert not crew.collisions, "a transaction locks its accounts in one order"
    with database.read() as connection:
        audit.audit(connection)
        booked = connection.execute("SELECT count(*) FROM transactions WHERE kind = 'correction'").fetchone()[
            0
        ]
    assert booked == WRITERS * TRANSACTIONS - sum(refused)


def test_writers_that_wait_for_each_other_are_told_so_and_do_it_again(
    database: Database, place: Path | str
) -> None:
    with books.book(database) as work:
        cash, one, other = (work.open_("house", kind) for kind in ("cash", "refunds", "bank"))
        third = work.open_("house", "breakage")
        work.post(Why("load", None, "house", 0), [Transfer(cash, one, EACH_FEN)])
    crew, met = Crew(place), threading.Barrier(2)

    def writer(first: Transfer, second: Transfer) -> Callable[[Database, random.Random], None]:
        def move(database: Database, _chance: random.Random) -> None:
            waits = isinstance(place, str)  # SQLite lets nobody begin while another writes

            def both(work: Books) -> None:
                nonlocal waits
                work.post(Why("correction", None, "house", 0), [first])
                if waits:
                    waits = False
                    met.wait(SECONDS)  # until each holds what the other wants next
                work.post(Why("correction", None, "house", 0), [second])

            crew.unit(database, both)

        return move

    crew.start(writer(Transfer(cash, one, 1), Transfer(other, third, 2)), 1)
    crew.start(writer(Transfer(third, other, 3), Transfer(one, cash, 4)), 2)
    crew.join()
    assert bool(crew.collisions) == isinstance(place, str)  # again perhaps, on a busy machine
    with database.read() as connection:
        audit.audit(connection)
        found = connection.execute("SELECT id, balance FROM accounts ORDER BY id").fetchall()
        assert [tuple(row) for row in found] == [(cash, -97), (one, 97), (other, 1), (third, -1)]


def test_writers_that_are_told_of_one_card_book_each_counter_once(
    database: Database, place: Path | str
) -> None:
    uid, counters = bytes(7), range(1, 61)
    crew = Crew(place)

    def sell(database: Database, chance: random.Random) -> None:
        for tmc in chance.sample(counters, len(counters)):

            def one(work: Books, tmc: int = tmc) -> None:
                found = purse.open_(work, uid, 1, known=True)
                move = CardMove(uid, 1, tmc, -1, 1000 - tmc)
                with contextlib.suppress(AlreadyBooked):
                    purse.book_sale(work, "sale", found, move, f"K{database.writer}", 0)

            crew.unit(database, one)

    for writer in range(1, WRITERS + 1):
        crew.start(sell, writer)
    crew.join()
    with database.read() as connection:
        audit.audit(connection)
        booked = connection.execute(
            "SELECT tmc FROM transactions WHERE kind = 'sale' ORDER BY tmc"
        ).fetchall()
        assert [row[0] for row in booked] == list(counters)
        assert not purse.has_gap(connection, uid, 1)
        assert all(purse.moved(connection, uid, 1, tmc, purse.TO_THE_FIRST) for tmc in counters)


def test_writers_that_spend_from_the_same_lots_take_what_is_there_and_no_more(
    database: Database, place: Path | str
) -> None:
    there = 60
    with books.book(database) as work:
        member = work.open_("member:1", "points", "points")
        for _ in range(there // 2):
            lots.earn(work, Why("earn", None, "house", 0), member, 2, None)
    crew, spent = Crew(place), [0] * (WRITERS + 1)

    def spend(database: Database, chance: random.Random) -> None:
        for _ in range(there):
            amount = chance.randint(1, 3)

            def one(work: Books, amount: int = amount) -> None:
                lots.spend(work, Why("spend", None, "house", 0), member, amount)

            try:
                crew.unit(database, one)
                spent[database.writer] += amount
            except Overdraft:
                pass

    for writer in range(1, WRITERS + 1):
        crew.start(spend, writer)
    crew.join()
    with database.read() as connection:
        audit.audit(connection)
        assert lots.spendable(connection, member, 0) == there - sum(spent) < 3
