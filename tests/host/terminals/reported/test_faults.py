"""What a batch does about rows that are not as they should be, and about other workers that were quicker."""

import threading
from importlib import import_module

import apsw
import psycopg
import pytest
from pytest_mock import MockerFixture

from host.cards import hotlist
from host.terminals.intake.intake import Intake
from host.terminals.line.traffic import Incoming
from host.terminals.reported.faults import is_the_messages
from protocol.wire import messages
from protocol.wire.messages import ACK, BAD_TMV
from tests.host.keyed import journal, keyed_cards
from tests.host.looks import faults, holds, list_card, verdicts
from tests.host.rig import Shop


@pytest.mark.parametrize(
    "error, whose",
    [
        (psycopg.DataError(), True),
        (psycopg.errors.UniqueViolation(), True),
        (apsw.ConstraintError(), True),
        (apsw.TooBigError(), True),
        (ZeroDivisionError(), True),
        (psycopg.OperationalError(), False),
        (psycopg.errors.DiskFull(), False),
        (apsw.FullError(), False),
        (apsw.CorruptError(), False),
        (MemoryError(), False),
    ],
)
def test_whose_fault_it_is(error: Exception, whose: bool) -> None:
    import_module("host.db.postgres")  # where a server's books are used, its driver's faults are known
    assert is_the_messages(error) == whose


@pytest.mark.parametrize("text", ["a\0b", "\n", "\x1f"])
def test_a_text_with_control_characters_is_no_message(shop: Shop, text: str) -> None:
    kiosk = shop.kiosk()
    with pytest.raises(messages.MessageError, match="firmware"):
        kiosk.hello(firmware=text)


def test_numbers_that_an_epoch_has_forgotten_are_asked_of_the_reports_and_put_right(shop: Shop) -> None:
    """As after a partial restore. The new sales beside an old one are booked, and none twice."""
    kiosk, (card,) = shop.connected(), keyed_cards(shop, 1)
    old = [card.pay(kiosk, 5) for _ in range(3)]
    shop.tell(kiosk, journal(kiosk, old))
    with shop.opened.database.write() as connection:
        connection.execute("UPDATE kiosk_epochs SET upto = 1")
    assert "1.3 is held, and not acknowledged" in "".join(faults(shop).values())
    new = [card.pay(kiosk, 5) for _ in range(2)]
    heard = shop.tell(kiosk, journal(kiosk, [old[2], *new]))
    assert heard[ACK]["upto"] == 5
    assert shop.query("SELECT count(*) FROM transactions WHERE kind = 'sale'") == [(5,)]
    holds(shop)


def test_one_report_that_breaks_its_journal_leaves_the_others_booked(
    shop: Shop, mocker: MockerFixture
) -> None:
    kiosk, (card,) = shop.connected(), keyed_cards(shop, 1)
    released: list[object] = []
    down: list[tuple[str, bytes]] = []
    intake = Intake(shop.opened.database, shop.opened.keeper, shop.kiosks, down.extend, released.extend)
    real = intake._batches.write

    def write(batch: list[object], *more: object) -> object:
        if any(report.counter == 2 for report in batch):  # type: ignore[attr-defined]
            raise ZeroDivisionError
        return real(batch, *more)  # type: ignore[arg-type]

    mocker.patch.object(intake._batches, "write", write)
    item = Incoming(kiosk.topic, journal(kiosk, [card.pay(kiosk, 1) for _ in range(4)]), "mark")
    intake._until_written([(item, intake._open(item))])
    assert released == ["mark"]
    assert kiosk.hear_all(down)[ACK]["ranges"] == [[3, 4]]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_clerk_who_lists_a_card_at_the_same_moment_hides_no_wrong_tmv(shop: Shop) -> None:
    kiosk, (card, lost) = shop.connected(), keyed_cards(shop, 2)
    number, values = card.pay(kiosk, 5)
    forged = kiosk.message(number, messages.SALE, **values | {"tmv": bytes(8)})
    heard: list[dict[int, dict[str, object]]] = []
    teller = threading.Thread(target=lambda: heard.append(shop.tell(kiosk, forged)))
    other = shop.opened.database.__class__(shop.opened.database.where)
    with other.write() as connection:
        hotlist.add(connection, lost.uid, "reported lost", "operator:desk")
        teller.start()
        teller.join(0.3)  # it waits for us, or has been quicker
    teller.join(10)
    other.close()
    assert verdicts(heard[0])[0][1] == BAD_TMV
    listed = {bytes(uid) for (uid,) in shop.query("SELECT uid FROM hotlist")}
    assert listed == {card.uid, lost.uid} and "bad-tmv" in shop.alarms()


def test_kiosks_are_told_of_the_hotlist_after_the_batch_and_again_when_that_failed(
    shop: Shop, mocker: MockerFixture
) -> None:
    kiosk, (card,) = shop.connected(), keyed_cards(shop, 1)
    list_card(shop, bytes(7))
    news = mocker.patch("host.terminals.talk.news.news", side_effect=apsw.FullError("disk full"))
    assert set(kiosk.hear_all(shop.write([(kiosk.topic, card.sale(kiosk))], pushed=True))) == {ACK}
    mocker.stop(news)
    assert messages.HOTLIST in kiosk.hear_all(shop.write([(kiosk.topic, card.sale(kiosk))]))
    holds(shop)
