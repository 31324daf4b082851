"""Who stands at a kiosk is greeted before the sale is acknowledged; an emptied journal greets nobody."""

import time
from dataclasses import replace

import pytest
from pytest_mock import MockerFixture

from host import clock
from host.cards import notes, pins, registry
from host.ledger import lots
from host.ledger.books import book
from host.ledger.chart import card_owner
from host.ledger.terms import Why
from host.terminals.fleet import configs
from protocol.wire import greeting, online, topics
from protocol.wire.messages import ACK
from simulator.card import DesfireCard
from tests.host.looks import holds
from tests.host.rig import KioskSide, Shop
from tests.host.terminals.relay.terminal import Terminals
from tests.host.terminals.sales.payments import UID, plain_card


def today(hours: int) -> str:
    """The day of the year where clocks are so much ahead of UTC."""
    return time.strftime("%m-%d", time.gmtime(clock.now_s() + 3600 * hours))


def note(shop: Shop, uid: bytes, tier: str | None, birthday: str | None) -> None:
    with shop.opened.database.write() as connection:
        card = registry.newest(connection, uid)
        assert card is not None
        notes.write(connection, card, tier, birthday, "operator:desk")


def earn(shop: Shop, card: DesfireCard, points: int) -> None:
    with book(shop.opened.database) as books:
        account = books.open_(card_owner(card.uid, 1), "points", "points")
        lots.earn(books, Why("gift", "x", "operator:desk", clock.now_s()), account, points, None)


def heard(shop: Shop, kiosk: KioskSide, *messages: bytes) -> list[int]:
    down = shop.write([(kiosk.topic, message) for message in messages])
    return [kiosk.hear(payload)[0] for topic, payload in down if topic == topics.down(kiosk.name)]


def test_a_customer_is_greeted_before_the_acknowledgement(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card()
    earn(shop, card, 120)
    note(shop, card.uid, "金卡", today(8))
    assert heard(shop, kiosk, shop.sale(kiosk, card)) == [greeting.GREETING, ACK]
    told = dict(kiosk.inbox)[greeting.GREETING]
    assert (told["epoch"], told["counter"]) == (1, 1)
    assert (told["points"], told["tier"], told["birthday"]) == (120, 3, 1)
    holds(shop)


@pytest.mark.parametrize(("offset_min", "greeted"), [(-720, False), (840, True)])
def test_a_birthday_is_the_day_on_the_kiosks_wall(
    shop: Shop, mocker: MockerFixture, offset_min: int, greeted: bool
) -> None:
    """At noon UTC it is the next day already in one place, the same day in the other."""
    noon_s = 1_800_014_400 // 86_400 * 86_400 + 43_200
    mocker.patch("host.clock.now_s", return_value=noon_s)
    kiosk, card = shop.connected(), shop.card()
    with shop.opened.database.write() as connection:
        config = configs.newest(connection, 1)[1]
        assert config is not None
        configs.add(connection, 1, replace(config, utc_offset_min=offset_min), "operator:desk")
    note(shop, card.uid, None, time.strftime("%m-%d", time.gmtime(noon_s + 86_400)))
    assert (greeting.GREETING in heard(shop, kiosk, shop.sale(kiosk, card))) == greeted


def test_only_what_is_there_is_said(shop: Shop) -> None:
    kiosk, card, other = shop.connected(), shop.card(), shop.card()
    assert heard(shop, kiosk, shop.sale(kiosk, card)) == [ACK]
    note(shop, other.uid, "银卡", "01-01" if today(8) != "01-01" else "06-01")
    heard(shop, kiosk, shop.sale(kiosk, other))
    told = dict(kiosk.inbox)[greeting.GREETING]
    assert told["tier"] == 2 and "birthday" not in told and "points" not in told


def test_a_journal_that_is_emptied_greets_nobody_and_neither_does_a_forged_sale(shop: Shop) -> None:
    kiosk, card = shop.connected(), shop.card()
    note(shop, card.uid, "金卡", None)
    sales = [shop.sale(kiosk, card, 100) for _ in range(3)]
    assert heard(shop, kiosk, *sales) == [ACK]
    number, values = kiosk.pay(card, shop.debit_key(card), 100)
    forged = kiosk.message(number, 2, **values | {"tmv": bytes(8)})
    assert greeting.GREETING not in heard(shop, kiosk, forged)


def test_a_fault_of_a_greeting_books_all_the_same(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk, card = shop.connected(), shop.card()

    def fail(*_: object) -> None:
        raise KeyError("no such thing")

    monkeypatch.setattr(notes, "greetings", fail)
    assert heard(shop, kiosk, shop.sale(kiosk, card)) == [ACK]
    holds(shop)


def test_a_card_is_told_its_last_movements(shop: Shop, terminals: Terminals) -> None:
    kiosk = terminals.add()
    plain_card(shop, 500)
    note(shop, UID, "金卡", None)
    kiosk.ask(UID, online.TELL, 0, card=online.PLAIN)
    said = kiosk.decided()
    assert (said["code"], said["balance_fen"], said["tier"]) == (online.DONE, 500, 3)
    (rows,) = kiosk.told
    assert [amount for _, amount in rows] == [500]
    kiosk.ask(UID, online.TELL, 0, card=online.PURSE)
    assert kiosk.decided(2)["reason"] == "unknown"
    with shop.opened.database.write() as connection:
        card = registry.newest(connection, UID)
        assert card is not None
        pins.set_(connection, card, "1357", "operator:desk")
    kiosk.ask(UID, online.TELL, 0, card=online.PLAIN)
    assert kiosk.decided(3)["reason"] == "pin"
    assert len(kiosk.told) == 1


def test_a_plain_card_that_is_told_of_itself_holds_nobody_up(shop: Shop, terminals: Terminals) -> None:
    kiosk = terminals.add()
    plain_card(shop, 500)
    for count in range(1, 9):
        kiosk.ask(UID, online.TELL, 0, card=online.PLAIN)
        assert kiosk.decided(count)["code"] == online.DONE
    assert shop.alarms() == []


def test_a_payment_online_greets_in_its_decision(shop: Shop, terminals: Terminals) -> None:
    kiosk = terminals.add()
    plain_card(shop, 500)
    note(shop, UID, "银卡", today(8))
    for amount_fen, tier in ((100, 2), (5000, None)):
        number = kiosk.kiosk.next_number()
        kiosk.ask(UID, online.PAY, number[1], card=online.PLAIN, amount_fen=amount_fen)
        said = kiosk.decided(number[1])
        assert said.get("tier") == tier, "a refusal greets nobody"
        assert said.get("birthday") == (tier and 1)
