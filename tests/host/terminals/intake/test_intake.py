import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import apsw
import pytest
from pytest_mock import MockerFixture

from host.db.connection import Connection
from host.terminals.intake import intake as intake_module
from host.terminals.intake.intake import Intake
from host.terminals.line.traffic import Down, Incoming
from host.terminals.reported.report import Report
from protocol.wire import envelope
from protocol.wire.messages import ACK
from tests.host.looks import balance
from tests.host.rig import Shop
from tests.waiting import until


class Running:
    """An intake with its writer thread; what it sends and releases is kept in order."""

    def __init__(self, shop: Shop) -> None:
        self.events: list[str] = []
        self.down: list[Down] = []
        self.intake = Intake(shop.opened.database, shop.opened.keeper, shop.kiosks, self._send, self._release)
        self.intake.start()

    def _send(self, down: list[Down]) -> None:
        if down:
            self.events.append("sent")
            self.down += down

    def put(self, topic: str, payload: bytes) -> bool:
        return self.intake.put([Incoming(topic, payload)])

    def _release(self, marks: list[object]) -> None:
        self.events += ["released"] * len(marks)


@pytest.fixture
def running(shop: Shop) -> Iterator[Running]:
    running = Running(shop)
    yield running
    if running.intake._thread.is_alive():
        running.intake.stop()


def test_the_broker_is_released_after_commit_and_acknowledgement(shop: Shop, running: Running) -> None:
    kiosk, card = shop.connected(), shop.card()
    running.put(kiosk.topic, shop.sale(kiosk, card))
    until(lambda: "released" in running.events)
    assert running.events == ["sent", "released"]
    assert kiosk.hear_all(running.down)[ACK]["upto"] == 1
    assert shop.query("SELECT count(*) FROM reports") == [(1,)]


def test_stopping_finishes_what_was_taken_and_takes_no_more(shop: Shop, running: Running) -> None:
    kiosk, card = shop.connected(), shop.card()
    sales = [shop.sale(kiosk, card, 1) for _ in range(40)]
    for sale in sales:
        running.put(kiosk.topic, sale)
    running.intake.stop()
    assert running.events.count("released") == 40
    assert kiosk.hear_all(running.down)[ACK]["upto"] == 40
    assert not running.put(kiosk.topic, sales[0])


def test_a_full_disk_acknowledges_nothing_and_loses_nothing(
    shop: Shop, running: Running, mocker: MockerFixture
) -> None:
    kiosk, card = shop.connected(), shop.card()
    mocker.patch.object(intake_module, "RETRY_S", 0.01)
    real = running.intake._batches.write
    full = threading.Event()
    full.set()

    def write(batch: list[Report], pushed: bool, only: Collection[int], later: bool) -> list[Down]:
        if full.is_set():
            running.events.append("full")
            raise apsw.FullError("database or disk is full")
        return real(batch, pushed, only, later)

    mocker.patch.object(running.intake._batches, "write", write)
    running.put(kiosk.topic, shop.sale(kiosk, card))
    until(lambda: "full" in running.events)
    running.put("x", b"")
    running.put(kiosk.topic, shop.sale(kiosk, card))
    until(lambda: running.events.count("full") > 2)
    assert set(running.events) == {"full"}
    full.clear()
    until(lambda: running.events.count("released") == 3)
    assert "full" not in running.events[-4:]
    assert running.intake.rejections.to_json()["counts"] == {"unknown": 1}, "once, however often we tried"
    assert balance(shop, card) == 5000


def test_an_answer_that_cannot_be_sent_ends_nothing(
    shop: Shop, running: Running, mocker: MockerFixture
) -> None:
    kiosk, card = shop.connected(), shop.card()
    sale = shop.sale(kiosk, card)
    broken = mocker.patch.object(running.intake._answers, "_send", side_effect=ValueError("too large"))
    running.put(kiosk.topic, sale)
    until(lambda: broken.call_count == 1)
    mocker.stop(broken)
    running.put(kiosk.topic, sale)  # the kiosk asks again
    until(lambda: "sent" in running.events)
    assert running.intake.alive and shop.query("SELECT count(*) FROM reports") == [(1,)]


def test_the_writer_lives_on_after_a_fault_of_a_whole_batch(
    shop: Shop, running: Running, mocker: MockerFixture
) -> None:
    kiosk, card = shop.connected(), shop.card()
    sale = shop.sale(kiosk, card)
    write = mocker.patch.object(running.intake._batches, "write", side_effect=ZeroDivisionError)
    running.put(kiosk.topic, sale)
    until(lambda: write.call_count == 1)
    mocker.stop(write)
    until(lambda: "released" in running.events)
    running.put(kiosk.topic, sale)  # the kiosk asks again
    until(lambda: "sent" in running.events)
    assert kiosk.hear_all(running.down)[ACK]["upto"] == 1


def test_one_message_that_breaks_a_batch_leaves_the_others_acknowledged(
    shop: Shop, running: Running, mocker: MockerFixture
) -> None:
    kiosk, card = shop.connected(), shop.card()
    sales = [shop.sale(kiosk, card, 1) for _ in range(3)]
    real = running.intake._batches.write

    def write(batch: list[Report], pushed: bool, only: Collection[int], later: bool) -> list[Down]:
        if any(report.counter == 2 for report in batch):
            raise ZeroDivisionError
        return real(batch, pushed, only, later)

    mocker.patch.object(running.intake._batches, "write", write)
    items = [Incoming(kiosk.topic, sale) for sale in sales]
    running.intake._until_written([(item, running.intake._open(item)) for item in items])
    assert running.events == ["sent", "released", "released", "sent", "released"]
    assert kiosk.hear_all(running.down)[ACK]["ranges"] == [[3, 3]]


def test_what_is_too_big_is_not_kept_and_released_in_its_turn(
    running: Running, mocker: MockerFixture
) -> None:
    kept = mocker.spy(running.intake._inbox, "put")
    release = mocker.spy(running.intake._answers, "_release")
    big = bytes(envelope.SIZE_MAX + 1)
    items = [Incoming("x", b"", 1), Incoming("y" * 999, big, 2), Incoming("x", b"", 3, dropped=9 << 20)]
    assert running.intake.put(items)
    until(lambda: len(running.events) == 3)
    assert [mark for call in release.call_args_list for mark in call.args[0]] == [1, 2, 3]
    assert kept.call_args.args[0][1] == Incoming("y" * 128, b"", 2, len(big))
    said = running.intake.rejections.to_json()
    assert said["counts"] == {"unknown": 1, "size": 2}
    assert [one["size"] for one in said["sample"]] == [0, len(big), 9 << 20]


def unreadable(shop: Shop, mocker: MockerFixture) -> threading.Event:
    """Until it is set, the database cannot be asked for names."""
    mocker.patch.object(intake_module, "RETRY_S", 0.01)
    mocker.patch.object(shop.kiosks, "_looked_s", -1e9)
    back, real = threading.Event(), shop.opened.database.read

    @contextmanager
    def read() -> Iterator[Connection]:
        if not back.is_set():
            raise apsw.IOError("disk I/O error")
        with real() as connection:
            yield connection

    mocker.patch.object(shop.opened.database, "read", read)
    return back


def test_a_name_that_cannot_be_looked_up_is_not_released_but_asked_again(
    shop: Shop, running: Running, mocker: MockerFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    kiosk, card = shop.connected(), shop.card()
    sale = shop.sale(kiosk, card)
    ours = shop.kiosks._by_name.pop(kiosk.name)
    back = unreadable(shop, mocker)
    tries = mocker.spy(running.intake._batches, "open")
    running.put(kiosk.topic, sale)
    until(lambda: tries.call_count > 2)
    assert running.events == [] and not running.intake.writes
    back.set()
    until(lambda: "released" in running.events)
    assert running.events == ["sent", "released"] and running.intake.writes
    assert shop.kiosks.find(kiosk.name) == ours and balance(shop, card) == 7500
    assert running.intake.rejections.to_json()["counts"] == {}
    assert capsys.readouterr().out.count("the books cannot be read") == 1


def test_stopping_while_a_name_cannot_be_looked_up_releases_nothing(
    shop: Shop, running: Running, mocker: MockerFixture
) -> None:
    unreadable(shop, mocker)
    tries = mocker.spy(running.intake._batches, "open")
    running.put("tapledger/v1/K9/up", b"x")
    until(lambda: tries.call_count > 1)
    running.intake.stop()
    assert running.events == []


def test_a_full_queue_makes_the_caller_wait(running: Running, mocker: MockerFixture) -> None:
    entered, gate = threading.Event(), threading.Event()
    real = running.intake._batches.write

    def write(batch: list[Report], pushed: bool, only: Collection[int], later: bool) -> list[Down]:
        entered.set()
        gate.wait(20)
        return real(batch, pushed, only, later)

    mocker.patch.object(running.intake._batches, "write", write)
    running.put("x", b"")
    assert entered.wait(10)
    for _ in range(intake_module.WAITING_MAX):
        running.put("x", b"")
    done = threading.Event()
    threading.Thread(target=lambda: (running.put("x", b""), done.set())).start()
    assert not done.wait(0.1)
    gate.set()
    assert done.wait(10)
    running.intake.stop()
    assert running.events.count("released") == intake_module.WAITING_MAX + 2
