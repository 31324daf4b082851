import sqlite3
import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_mock import MockerFixture

from host.ledger import accounts, verify
from host.terminals import intake as intake_module
from host.terminals.intake import Incoming, Intake
from host.terminals.sessions import Down
from protocol.wire import cbor, envelope, mac, messages, topics
from protocol.wire.messages import ACK
from tests.host.rig import NOW_S, Shop, until

TABLES = ("reports", "suspects", "alarms", "transactions", "card_flags", "kiosk_nonces", "kiosk_epochs")


def rows(shop: Shop) -> list[int]:
    return [shop.query(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES]


class Running:
    """An intake with its writer thread; what it sends and releases is kept in order."""

    def __init__(self, shop: Shop) -> None:
        self.events: list[str] = []
        self.down: list[Down] = []
        self.intake = Intake(shop.opened.database, shop.opened.keeper, shop.kiosks, self._send)
        self.intake.start()

    def _send(self, down: list[Down]) -> None:
        if down:
            self.events.append("sent")
            self.down += down

    def put(self, topic: str, payload: bytes) -> bool:
        return self.intake.put(Incoming(topic, payload, lambda: self.events.append("released")))


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

    def write(batch: list[tuple[str, bytes]], pushed: bool) -> list[Down]:
        if full.is_set():
            running.events.append("full")
            raise sqlite3.OperationalError("database or disk is full")
        return real(batch, pushed)

    mocker.patch.object(running.intake._batches, "write", write)
    running.put(kiosk.topic, shop.sale(kiosk, card))
    until(lambda: running.events.count("full") > 2)
    assert set(running.events) == {"full"}
    full.clear()
    until(lambda: "released" in running.events)
    assert running.events[-2:] == ["sent", "released"]
    assert shop.look(accounts.card_balance, card.uid, 1) == 7500


def test_a_real_disk_limit_takes_the_whole_batch_back(shop: Shop) -> None:
    """SQLite's own page limit stands for a disk that is full: the error comes in the middle of the batch."""
    kiosk, card = shop.connected(), shop.card(100_000)
    sales = [(kiosk.topic, shop.sale(kiosk, card, 1)) for _ in range(200)]
    before = rows(shop)
    with shop.opened.database.read() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    own = shop.opened.database._connection()
    own.execute(f"PRAGMA max_page_count={pages + 3}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        shop.batches.write(sales, False)
    assert rows(shop) == before
    own.execute("PRAGMA max_page_count=1000000")
    assert kiosk.hear_all(shop.batches.write(sales, False))[ACK]["upto"] == 200
    assert shop.look(verify.verify)["ok"]


def test_a_message_that_trips_a_fault_of_ours_spoils_no_other(shop: Shop, mocker: MockerFixture) -> None:
    kiosk, card, odd = shop.connected(), shop.card(), shop.card()
    from host.terminals import decisions

    real = decisions.debit

    def debit(connection: object, keeper: object, report: decisions.Report, flags: list[str]) -> object:
        answer = real(connection, keeper, report, flags)  # type: ignore[arg-type]
        if report.values["uid"] == odd.uid:
            raise ZeroDivisionError
        return answer

    mocker.patch.object(decisions, "debit", debit)
    heard = shop.tell(kiosk, shop.sale(kiosk, card), shop.sale(kiosk, odd), shop.sale(kiosk, card))
    assert (heard[ACK]["upto"], heard[ACK]["ranges"]) == (3, [])  # what is kept for a person is held
    assert shop.look(accounts.card_balance, card.uid, 1) == 5000
    assert shop.look(accounts.card_balance, odd.uid, 1) == 10_000
    assert shop.query("SELECT reason FROM suspects") == [("fault: ZeroDivisionError",)]
    assert shop.alarms() == ["fault"] and shop.look(verify.verify)["ok"]


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

    def write(batch: list[tuple[str, bytes]], pushed: bool) -> list[Down]:
        if any(payload == sales[1] for _, payload in batch):
            raise ZeroDivisionError
        return real(batch, pushed)

    mocker.patch.object(running.intake._batches, "write", write)
    items = [Incoming(kiosk.topic, sale, lambda: running.events.append("released")) for sale in sales]
    running.intake._until_written(list(items))
    assert running.events == ["sent", "released", "released", "sent", "released"]
    assert kiosk.hear_all(running.down)[ACK]["ranges"] == [[3, 3]]


@pytest.mark.parametrize("fault", [MemoryError(), sqlite3.DatabaseError("malformed")])
def test_what_is_not_the_messages_fault_is_answered_to_nobody(
    shop: Shop, mocker: MockerFixture, fault: Exception
) -> None:
    kiosk, card = shop.connected(), shop.card()
    mocker.patch("host.terminals.decisions.debit", side_effect=fault)
    with pytest.raises(type(fault)):
        shop.tell(kiosk, shop.sale(kiosk, card))
    assert shop.query("SELECT count(*) FROM reports") == [(0,)]


def test_what_is_too_big_takes_no_place_in_the_queue(shop: Shop) -> None:
    events: list[str] = []
    intake = Intake(shop.opened.database, shop.opened.keeper, shop.kiosks, lambda _down: None)
    big = bytes(envelope.SIZE_MAX + 1)
    assert intake.put(Incoming("x", big, lambda: events.append("released")))
    assert intake._queue.empty() and events == ["released"]
    assert intake.rejections.to_json()["counts"] == {"size": 1}


def test_a_full_queue_makes_the_caller_wait(shop: Shop, running: Running, mocker: MockerFixture) -> None:
    gate = threading.Event()
    real = running.intake._batches.write

    def write(batch: list[tuple[str, bytes]], pushed: bool) -> list[Down]:
        gate.wait(10)
        return real(batch, pushed)

    mocker.patch.object(running.intake._batches, "write", write)
    running.put("x", b"")
    until(running.intake._queue.empty)
    for _ in range(intake_module.QUEUE_MAX):
        running.put("x", b"")
    done = threading.Event()
    threading.Thread(target=lambda: (running.put("x", b""), done.set())).start()
    assert not done.wait(0.1)
    gate.set()
    assert done.wait(10)
    running.intake.stop()
    assert running.events.count("released") == intake_module.QUEUE_MAX + 2


def refused(shop: Shop, topic: str, payload: bytes) -> str:
    """Its reason; nothing else was touched."""
    before, counts = rows(shop), dict(shop.batches.rejections.to_json()["counts"])
    assert shop.batches.write([(topic, payload)], False) == []
    assert rows(shop) == before
    after = shop.batches.rejections.to_json()["counts"]
    changed = [reason for reason in after if after[reason] != counts.get(reason, 0)]
    assert len(changed) == 1
    return str(changed[0])


def test_what_proves_nothing_touches_nothing_but_a_counter(shop: Shop) -> None:
    kiosk, card = shop.connected("K1"), shop.card()
    shop.connected("K2")
    sale = shop.sale(kiosk, card)
    up_key, _, _ = mac.kiosk_keys(kiosk.given["secret"])
    garbled = sale[:20] + bytes([sale[20] ^ 1]) + sale[21:]
    assert refused(shop, kiosk.topic, garbled) == "mac"
    assert refused(shop, kiosk.topic, sale[:-1]) == "mac"
    assert refused(shop, kiosk.topic, b"") == "size"
    assert refused(shop, kiosk.topic, bytes(envelope.SIZE_MAX + 1)) == "size"
    assert refused(shop, kiosk.topic, b"hello, this is no message of ours") == "mac"
    assert refused(shop, topics.up("K2"), sale) == "mac", "the topic's kiosk must be the envelope's"
    assert refused(shop, topics.up("K9"), sale) == "unknown"
    assert refused(shop, "elsewhere/K1/up", sale) == "unknown"

    def signed(parts: object) -> bytes:
        head = cbor.encode(parts)
        return head + mac.hmac_sha256(up_key, head)[: mac.MAC_SIZE]

    assert refused(shop, kiosk.topic, signed([2, 0, "K1", 1, 1, 2, {}])) == "version"
    assert refused(shop, kiosk.topic, signed([1, 1, "K1", 1, 1, 17, {}])) == "direction"
    assert refused(shop, kiosk.topic, signed([1, 0, "K2", 1, 1, 2, {}])) == "kiosk"
    assert refused(shop, kiosk.topic, signed([1, 0, "K1", 1, 1, 99, {}])) == "type"
    assert refused(shop, kiosk.topic, signed([1, 0, "K1", 1, 1, 2, {}])) == "field"
    assert refused(shop, kiosk.topic, signed("not a list")) == "shape"
    number, values = (1, 0), {"uid": card.uid, "issue": 1, "amount_fen": 1, "tmc": 2, "value_fen": 1}
    unsettled = kiosk.message(number, messages.UNSETTLED, **values, happened_s=NOW_S)
    assert refused(shop, kiosk.topic, unsettled) == "counter"
    sample = shop.batches.rejections.to_json()["sample"]
    assert sample[0]["reason"] == "mac" and len(sample) == 15


def test_the_sample_of_what_was_refused_is_bounded(shop: Shop) -> None:
    for _ in range(200):
        shop.batches.write([("x" * 1000, b"")], False)
    shown = shop.batches.rejections.to_json()
    assert shown["counts"] == {"unknown": 200}
    assert len(shown["sample"]) == 50 and len(shown["sample"][0]["topic"]) == 128


def test_garbage_beside_a_sale_does_not_hold_it_up(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card()
    batch = [(kiosk.topic, b"garbage of some length here"), (kiosk.topic, shop.sale(kiosk, card)), ("", b"")]
    assert kiosk.hear_all(shop.batches.write(batch, False))[ACK]["upto"] == 1


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40), st.binary(max_size=120), st.booleans())
def test_no_bytes_on_any_topic_do_anything(shop: Shop, topic: str, payload: bytes, ours: bool) -> None:
    kiosk = shop.kiosk()
    before = rows(shop)
    assert shop.batches.write([(kiosk.topic if ours else topic, payload)], False) == []
    assert rows(shop) == before


fields = st.fixed_dictionaries(
    {
        "uid": st.binary(min_size=4, max_size=10),
        "issue": st.integers(0, messages.U16),
        "amount_fen": st.integers(1, messages.AMOUNT_FEN_MAX),
        "tmc": st.integers(1, messages.U32),
        "tmv": st.binary(min_size=8, max_size=8),
        "value_fen": st.integers(0, messages.AMOUNT_FEN_MAX),
        "happened_s": st.integers(0, messages.TIME_S_MAX),
    }
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields, st.integers(0, messages.U16), st.integers(1, messages.U32))
def test_no_authentic_sale_makes_a_fault_or_money(
    shop: Shop, values: dict[str, object], epoch: int, counter: int
) -> None:
    """A stolen kiosk says what it likes."""
    kiosk = shop.connected()
    shop.batches.write([(kiosk.topic, kiosk.message((epoch, counter), messages.SALE, **values))], False)
    assert shop.query("SELECT count(*) FROM entries") == [(0,)]
    assert "fault" not in shop.alarms()
    assert shop.look(verify.verify)["ok"]
