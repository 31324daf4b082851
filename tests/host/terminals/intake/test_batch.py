from collections.abc import Iterator
from contextlib import contextmanager

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_mock import MockerFixture

from host.db import engine
from host.db.connection import Connection
from host.terminals.fleet import configs
from host.terminals.fleet.configs import Config
from host.terminals.reported import sequences
from host.terminals.reported.report import Report
from host.terminals.reported.work import Answer, Work
from protocol.wire import envelope, messages, topics
from protocol.wire.messages import ACK
from tests.host.keyed import keyed_cards
from tests.host.looks import balance, holds
from tests.host.rig import Shop
from tests.waiting import until

TABLES = ("reports", "suspects", "alarms", "transactions", "card_flags", "kiosk_nonces", "kiosk_epochs")


def rows(shop: Shop) -> list[int]:
    return [shop.query(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_real_disk_limit_takes_the_whole_batch_back(shop: Shop) -> None:
    """SQLite's own page limit stands for a disk that is full: the error comes in the middle of the batch."""
    kiosk, card = shop.connected(), shop.card(100_000)
    sales = [(kiosk.topic, shop.sale(kiosk, card, 1)) for _ in range(200)]
    before = rows(shop)
    with shop.opened.database.read() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    own = shop.opened.database._connection().raw
    own.execute(f"PRAGMA max_page_count={pages + 3}")
    with pytest.raises(apsw.FullError, match="full"):
        shop.write(sales)
    assert rows(shop) == before
    own.execute("PRAGMA max_page_count=1000000")
    assert kiosk.hear_all(shop.write(sales))[ACK]["upto"] == 200
    holds(shop)


def test_a_message_that_trips_a_fault_of_ours_spoils_no_other(shop: Shop, mocker: MockerFixture) -> None:
    kiosk, card, odd = shop.connected(), shop.card(), shop.card()
    from host.terminals.intake import decisions

    real = decisions.debit

    def debit(work: Work, report: Report, flags: list[str]) -> Answer:
        answer = real(work, report, flags)
        if report.values["uid"] == odd.uid:
            raise ZeroDivisionError
        return answer

    mocker.patch.object(decisions, "debit", debit)
    heard = shop.tell(kiosk, shop.sale(kiosk, card), shop.sale(kiosk, odd), shop.sale(kiosk, card))
    assert (heard[ACK]["upto"], heard[ACK]["ranges"]) == (3, [])  # what is kept for a person is held
    assert balance(shop, card) == 5000
    assert balance(shop, odd) == 10_000
    assert shop.query("SELECT reason FROM suspects") == [("fault: ZeroDivisionError",)]
    assert shop.alarms() == ["fault"]
    holds(shop)


@pytest.mark.parametrize("fault", [MemoryError(), apsw.CorruptError("malformed")])
def test_what_is_not_the_messages_fault_is_answered_to_nobody(
    shop: Shop, mocker: MockerFixture, fault: Exception
) -> None:
    kiosk, card = shop.connected(), shop.card()
    mocker.patch("host.terminals.intake.decisions.debit", side_effect=fault)
    with pytest.raises(type(fault)):
        shop.tell(kiosk, shop.sale(kiosk, card))
    assert shop.query("SELECT count(*) FROM reports") == [(0,)]


def refused(shop: Shop, topic: str, payload: bytes) -> str:
    """Its reason; nothing else was touched."""
    before, counts = rows(shop), dict(shop.batches.rejections.to_json()["counts"])
    assert shop.write([(topic, payload)]) == []
    assert rows(shop) == before
    after = shop.batches.rejections.to_json()["counts"]
    changed = [reason for reason in after if after[reason] != counts.get(reason, 0)]
    assert len(changed) == 1
    return str(changed[0])


def test_what_proves_nothing_touches_nothing_but_a_counter(shop: Shop) -> None:
    kiosk, card = shop.connected("K1"), shop.card()
    shop.connected("K2")
    sale = shop.sale(kiosk, card)
    garbled = sale[:20] + bytes([sale[20] ^ 1]) + sale[21:]
    assert refused(shop, kiosk.topic, garbled) == "mac"
    assert refused(shop, kiosk.topic, sale[:-1]) == "mac"
    assert refused(shop, kiosk.topic, b"") == "size"
    assert refused(shop, kiosk.topic, bytes(envelope.SIZE_MAX + 1)) == "size"
    assert refused(shop, kiosk.topic, b"hello, this is no message of ours") == "mac"
    assert refused(shop, topics.up("K2"), sale) == "mac", "the topic's kiosk must be the envelope's"
    assert refused(shop, topics.up("K9"), sale) == "unknown"
    assert refused(shop, "elsewhere/K1/up", sale) == "unknown"
    sample = shop.batches.rejections.to_json()["sample"]
    assert sample[0]["reason"] == "mac" and len(sample) == 8


def test_a_journal_is_booked_whole(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    paid = [kiosk.pay(card, shop.debit_key(card), 100) for _ in range(40)]
    heard = shop.tell(kiosk, kiosk.journal(*[(number, messages.SALE, values) for number, values in paid]))
    assert (heard[ACK]["upto"], balance(shop, card)) == (40, 6000)
    assert heard[ACK]["verdicts"] == [[n + 1, messages.BOOKED, 9900 - 100 * n] for n in range(40)]
    assert shop.alarms() == []
    holds(shop)


@pytest.mark.parametrize("journal_first", [True, False])
def test_a_record_alone_and_in_a_journal_is_one_booking_with_one_answer(
    shop: Shop, journal_first: bool
) -> None:
    kiosk, card = shop.connected(), shop.card(10_000)
    paid = [kiosk.pay(card, shop.debit_key(card), 100) for _ in range(3)]
    alone = [kiosk.message(number, messages.SALE, **values) for number, values in paid]
    whole = [kiosk.journal(*[(number, messages.SALE, values) for number, values in paid])]
    first, again = (whole, alone) if journal_first else (alone, whole)
    heard = shop.tell(kiosk, *first)
    booked = rows(shop)
    assert shop.tell(kiosk, *again)[ACK]["verdicts"] == heard[ACK]["verdicts"]
    assert rows(shop) == booked and balance(shop, card) == 9700 and shop.alarms() == []
    holds(shop)


def test_the_sample_of_what_was_refused_is_bounded(shop: Shop) -> None:
    for _ in range(200):
        shop.write([("x" * 1000, b"")])
    shown = shop.batches.rejections.to_json()
    assert shown["counts"] == {"unknown": 200}
    assert len(shown["sample"]) == 50 and len(shown["sample"][0]["topic"]) == 128


def test_garbage_beside_a_sale_does_not_hold_it_up(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card()
    batch = [(kiosk.topic, b"garbage of some length here"), (kiosk.topic, shop.sale(kiosk, card)), ("", b"")]
    assert kiosk.hear_all(shop.write(batch))[ACK]["upto"] == 1


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40), st.binary(max_size=120), st.booleans())
def test_no_bytes_on_any_topic_do_anything(shop: Shop, topic: str, payload: bytes, ours: bool) -> None:
    kiosk = shop.kiosk()
    before = rows(shop)
    assert shop.write([(kiosk.topic if ours else topic, payload)]) == []
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
    shop.write([(kiosk.topic, kiosk.message((epoch, counter), messages.SALE, **values))])
    assert shop.query("SELECT count(*) FROM transfers") == [(0,)]
    assert "fault" not in shop.alarms()
    holds(shop)


def test_what_one_batch_knew_of_numbers_holds_until_somebody_else_writes(
    shop: Shop, mocker: MockerFixture
) -> None:
    kiosk, (card,) = shop.connected(), keyed_cards(shop, 1)
    for _ in range(2):
        shop.tell(kiosk, card.sale(kiosk))
    read = mocker.spy(sequences, "held")

    def asked() -> list[object]:
        return [call.args[1] for call in read.call_args_list]

    def nothing_is_asked() -> bool:
        read.reset_mock()
        shop.tell(kiosk, card.sale(kiosk))
        return asked() == [[]]

    until(nothing_is_asked)  # a server's own vacuum counts as somebody who wrote
    other = engine.connect(shop.opened.database.where)
    try:
        other.execute("UPDATE kiosk_epochs SET upto = 7000")
    finally:
        other.close()
    assert shop.tell(kiosk, card.sale(kiosk))[ACK]["upto"] == 7000
    assert asked() == [[], [(1, 1)]]


def test_a_kiosk_that_cannot_be_told_spoils_no_sale_of_another(shop: Shop) -> None:
    mute, good, card = shop.connected("K1"), shop.connected("K2"), shop.card()
    with shop.opened.database.write() as connection:
        configs.add(connection, 1, Config(1), "operator:desk", above=messages.U32)
    for _ in range(2):
        down = shop.write([(good.topic, shop.sale(good, card, 1))], pushed=True)
        assert ACK in good.hear_all(down) and mute.hear_all(down) == {}
    assert shop.query("SELECT count(*) FROM reports") == [(2,)]
    assert shop.alarms() == ["unsendable"]


def test_an_alarm_that_was_rolled_back_is_raised_when_the_books_can_be_written(
    shop: Shop, mocker: MockerFixture
) -> None:
    shop.connected()
    with shop.opened.database.write() as connection:
        configs.add(connection, 1, Config(1), "operator:desk", above=messages.U32)
    real = shop.opened.database.write

    @contextmanager
    def full(later: bool = False) -> Iterator[Connection]:
        with real(later) as connection:
            yield connection
            raise apsw.FullError("database or disk is full")

    patched = mocker.patch.object(shop.opened.database, "write", full)
    with pytest.raises(apsw.FullError):
        shop.write([], pushed=True)
    mocker.stop(patched)
    shop.write([], pushed=True)
    shop.write([], pushed=True)
    assert shop.alarms() == ["unsendable"]
