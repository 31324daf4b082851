"""While more waits, a batch is booked before the one before it is on the disk: nothing of either is said that
the power could still take back."""

import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

import apsw
import pytest
from pytest_mock import MockerFixture

from host.db.engine import Database
from host.db.log import Unsynced
from host.processes.intake import fall
from host.terminals.intake import answers
from host.terminals.intake.intake import Intake
from host.terminals.line.traffic import Down, Incoming
from protocol.wire import topics
from protocol.wire.messages import ACK
from tests.host.keyed import keyed_cards
from tests.host.power import Disk, under
from tests.host.rig import KioskSide, Shop
from tests.waiting import until

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # PostgreSQL's commits wait
MOST = 5  # reports in a batch
BATCHES = 8
HELD = "SELECT k.name, count(*) FROM reports r JOIN kiosks k ON k.number = r.kiosk GROUP BY k.name"


class Cut(NamedTuple):
    """The books as a cut of the power left them when something was said."""

    books: Database
    acknowledged: dict[str, int]  # by kiosk
    released: int


class Burst:
    """Sales of three kiosks that wait all at once; at whatever is said the power goes."""

    def __init__(self, shop: Shop, disk: Disk, folder: Path) -> None:
        self.shop, self.disk, self.folder = shop, disk, folder
        self.kiosks = {name: shop.connected(name) for name in ("K1", "K2", "K3")}
        self.cards = keyed_cards(shop, 4)
        self.acknowledged = dict.fromkeys(self.kiosks, 0)
        self.released: list[object] = []
        self.cuts: list[Cut] = []
        shop.opened.database.take_over()
        sides = list(self.kiosks.values())
        self.messages = [self._sale(sides[at % 3], at) for at in range(MOST * BATCHES - 2)]
        rest = (shop.opened.database, shop.opened.keeper, shop.kiosks, self._send, self._release)
        self.intake = Intake(*rest, most=MOST)

    def _sale(self, kiosk: KioskSide, at: int) -> Incoming:
        return Incoming(kiosk.topic, self.cards[at % 4].sale(kiosk), at)

    def _send(self, down: list[Down]) -> None:
        for name, kiosk in self.kiosks.items():
            heard = kiosk.hear_all([one for one in down if one[0] == topics.down(name)])
            self.acknowledged[name] = heard.get(ACK, {}).get("upto", self.acknowledged[name])
        self._cut()

    def _release(self, marks: list[object]) -> None:
        self.released += marks
        self._cut()

    def _cut(self) -> None:
        books = self.disk.after_a_cut(self.folder / f"cut{len(self.cuts)}")
        self.cuts.append(Cut(books, dict(self.acknowledged), len(self.released)))

    def committed(self) -> int:
        """Reports in the books, whether or not they are on the disk."""
        raw = apsw.Connection(str(self.shop.opened.database.where), apsw.SQLITE_OPEN_READONLY)
        try:
            return int(raw.execute("SELECT count(*) FROM reports").fetchall()[0][0])
        finally:
            raw.close()


@pytest.fixture
def burst(shop: Shop, tmp_path: Path) -> Iterator[Burst]:
    where = shop.opened.database.where
    assert isinstance(where, Path)
    shop.opened.database.close()
    with under(where) as disk:
        burst = Burst(shop, disk, tmp_path)
        yield burst
        disk.works.set()
        if burst.intake.alive:
            burst.intake.stop()
        shop.opened.database.close()


def test_what_is_said_no_cut_of_the_power_takes_back(burst: Burst, mocker: MockerFixture) -> None:
    settled = mocker.spy(burst.shop.opened.database, "settle")
    assert burst.intake.put(burst.messages)
    burst.intake.start()
    burst.intake.stop()
    assert burst.released == list(range(len(burst.messages))), "each once, in order"
    assert 0 < settled.call_count < BATCHES, "one sync may do for several; the last one's commit waits itself"
    assert len(burst.cuts) == 2 * BATCHES
    for cut in burst.cuts:
        with cut.books.read() as connection:
            held = dict(connection.tuples(HELD))
        cut.books.close()
        assert all(held.get(name, 0) >= upto for name, upto in cut.acknowledged.items()), cut
        assert sum(held.values()) >= cut.released
    assert sum(burst.acknowledged.values()) == len(burst.messages)


def test_a_disk_that_does_not_come_back_holds_every_answer_and_the_books_after_some_batches_more(
    burst: Burst, mocker: MockerFixture
) -> None:
    mocker.patch.object(answers, "WAITING_MAX", 3)
    burst.intake.start()
    assert burst.intake.put(burst.messages[:1])
    until(lambda: len(burst.cuts) == 2)
    burst.disk.works.clear()
    assert burst.intake.put(burst.messages[1:])
    until(lambda: burst.committed() == 1 + 4 * MOST)
    assert len(burst.cuts) == 2
    burst.disk.works.set()
    burst.intake.stop()
    assert burst.released == list(range(len(burst.messages)))


def test_a_sync_that_fails_answers_nothing_and_ends_the_process(
    burst: Burst, mocker: MockerFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    mocker.patch.object(answers, "WAITING_MAX", 3)
    ended = mocker.patch("os._exit")
    mocker.patch.object(threading, "excepthook", fall)
    burst.disk.fails = True
    assert burst.intake.put(burst.messages)
    burst.intake.start()
    until(lambda: not burst.intake.alive)
    assert burst.cuts == [] and 0 < burst.committed() < len(burst.messages)
    ended.assert_called_once_with(1)
    said = capsys.readouterr().out
    assert "a thread of the intake failed" in said and "Unsynced" in said and not burst.intake.writes


def test_a_writer_that_did_nothing_when_a_sync_failed_ends_at_its_next_batch(
    burst: Burst, mocker: MockerFixture
) -> None:
    mocker.patch("host.terminals.intake.intake.RETRY_S", 0.01)
    hook = mocker.patch.object(threading, "excepthook")
    burst.intake.start()
    database = burst.shop.opened.database
    burst.disk.fails = True
    with database.write(later=True) as connection:
        connection.execute("INSERT INTO settings (name, value) VALUES ('a', 'b')")
    with pytest.raises(Unsynced):
        database.settle()
    burst.disk.fails = False
    assert burst.intake.put(burst.messages[:1])
    until(lambda: not burst.intake.alive)
    assert burst.cuts == [] and hook.call_args.args[0].exc_type is Unsynced


def test_a_full_batch_that_nothing_follows_is_answered(burst: Burst) -> None:
    burst.intake.start()
    assert burst.intake.put(burst.messages[:MOST])
    until(lambda: burst.released)
    assert burst.released == list(range(MOST))


def test_a_tap_that_comes_alone_is_answered_by_its_commit(burst: Burst, mocker: MockerFixture) -> None:
    settled = mocker.spy(burst.shop.opened.database, "settle")
    burst.intake.start()
    for number in range(3):
        assert burst.intake.put(burst.messages[number : number + 1])
        until(lambda: len(burst.released) > number)  # noqa: B023
    burst.intake.stop()
    settled.assert_not_called()
    for number, cut in zip(count(1), burst.cuts[1::2], strict=False):
        with cut.books.read() as connection:
            assert connection.tuples("SELECT count(*) FROM reports") == [(number,)]
        cut.books.close()


def test_what_is_booked_is_answered_while_the_next_one_cannot_be_written(
    burst: Burst, mocker: MockerFixture
) -> None:
    mocker.patch("host.terminals.intake.intake.RETRY_S", 0.01)
    real, tries = burst.intake._batches.write, count()
    full = threading.Event()

    def write(*arguments: object) -> list[Down]:
        if next(tries) and not full.is_set():
            raise apsw.FullError("database or disk is full")
        return real(*arguments)  # type: ignore[arg-type]

    mocker.patch.object(burst.intake._batches, "write", write)
    assert burst.intake.put(burst.messages)
    burst.intake.start()
    until(lambda: burst.released)
    assert burst.released == list(range(MOST)) and burst.committed() == MOST
    full.set()
    until(lambda: len(burst.released) == len(burst.messages))
    assert burst.released == list(range(len(burst.messages)))
