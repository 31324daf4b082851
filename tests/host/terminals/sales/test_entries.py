"""A card at a door: decided once, a visit taken and given back once; no UID opens for a better card."""

import itertools
from typing import Any

import pytest

from host import clock
from host.cards import passes, registry
from host.cards.passes import Terms
from host.ledger.books import book
from protocol.wire import online
from protocol.wire.messages import BOOKED, FLAGGED
from simulator.card import DesfireCard
from tests.host.looks import holds, list_card, verdicts
from tests.host.rig import NOW_S, KioskSide, Shop
from tests.host.terminals.relay.terminal import Terminal, Terminals
from tests.host.terminals.sales.payments import UID, ask, plain_card
from tests.waiting import until

ANY = (0, 0)
references = itertools.count(1)


@pytest.fixture
def door(terminals: Terminals) -> Terminal:
    return terminals.add()


def grant(
    shop: Shop, uid: bytes, visits: int = 0, until_s: int | None = None, again: int = 2, **more: Any
) -> int:
    with book(shop.opened.database) as books:
        card = registry.newest(books.connection, uid)
        assert card is not None
        opens, closes = more.get("hours", ANY)
        terms = Terms(visits, passes.VISITS, until_s, opens, closes, again)
        passes.grant(books, card, terms, "operator:desk", f"act:{next(references)}", "paid at the till")
    return int(shop.query("SELECT max(id) FROM passes")[0][0])


def enter(door: Terminal, uid: bytes, number: tuple[int, int] | None = None, **more: Any) -> dict[str, Any]:
    """Ask at the door -> the decision."""
    before = len(door.decisions)
    number = number or door.kiosk.next_number()
    door.ask(uid, online.ENTER, number[1], **({"card": online.PLAIN} | more))
    return door.decided(before + 1)


def left(shop: Shop, number: int) -> int:
    one = shop.look(passes.find, number)
    assert one is not None
    return shop.look(passes.left, one)


def told(shop: Shop, kiosk: KioskSide, number: tuple[int, int], kind: int) -> list[list[int]]:
    return verdicts(shop.tell(kiosk, kiosk.message(number, kind, uid=UID, amount_fen=1, happened_s=NOW_S)))


def test_visits_are_counted_and_then_used_up(shop: Shop, door: Terminal) -> None:
    plain_card(shop, 100)
    number = grant(shop, UID, 2, again=0)
    for expected in (1, 0):
        said = enter(door, UID)
        assert (said["code"], said["left"], "until_s" in said) == (online.DONE, expected, False)
    said = enter(door, UID)
    assert (said["code"], said["reason"], left(shop, number)) == (online.REFUSED, "used", 0)
    holds(shop)


def test_the_same_number_asked_again_takes_no_second_visit(shop: Shop, door: Terminal) -> None:
    plain_card(shop, 100)
    number = grant(shop, UID, 5, again=0)
    first = door.kiosk.next_number()
    assert enter(door, UID, first)["left"] == enter(door, UID, first)["left"] == 4
    assert told(shop, door.kiosk, first, online.TAKEN) == [[1, BOOKED, 0]]
    assert (left(shop, number), shop.alarms()) == (4, [])
    holds(shop)


@pytest.mark.parametrize("order", list(itertools.permutations(("ask", "reverse", "reverse again"))))
def test_a_reversal_gives_the_visit_back_once(shop: Shop, door: Terminal, order: tuple[str, ...]) -> None:
    plain_card(shop, 100)
    number = grant(shop, UID, 5, clock.now_s() + 1000)
    asked = door.kiosk.next_number()
    for step in order:
        if step == "ask":
            assert enter(door, UID, asked)["reason"] == ("" if order[0] == "ask" else "reversed")
        else:
            assert told(shop, door.kiosk, asked, online.REVERSAL) == [[1, BOOKED, 0]]
    assert left(shop, number) == 5
    assert enter(door, UID)["left"] == 4, "what was undone is no visit a moment ago"
    holds(shop)


def test_who_enters_again_at_once_pays_one_visit(
    shop: Shop, door: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain_card(shop, 100)
    number, now_s = grant(shop, UID, 5, again=2), clock.now_s()
    for later_s, expected in ((0, 4), (119, 4), (121, 3), (200, 3), (242, 2)):
        monkeypatch.setattr(clock, "now_s", lambda at_s=now_s + later_s: at_s)
        assert enter(door, UID)["left"] == expected
    assert left(shop, number) == 2
    holds(shop)


def test_a_period_opens_as_often_as_wanted_until_its_end(
    shop: Shop, door: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain_card(shop, 100)
    end_s = clock.now_s() + 1000
    grant(shop, UID, 0, end_s)
    visits = grant(shop, UID, 3, again=0)
    for _ in range(3):
        said = enter(door, UID)
        assert (said["until_s"], "left" in said) == (end_s, False)
    assert left(shop, visits) == 3, "nothing is taken while a period is valid"
    monkeypatch.setattr(clock, "now_s", lambda: end_s)
    assert enter(door, UID)["left"] == 2
    holds(shop)


def test_hours_are_of_the_kiosks_local_day(
    shop: Shop, door: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain_card(shop, 100)
    day_s = clock.now_s() // 86_400 * 86_400 - 8 * 3600 + 2 * 86_400  # midnight in China
    grant(shop, UID, 0, day_s + 40 * 86_400, hours=(16 * 60, 19 * 60))
    for minute, reason in (
        (15 * 60 + 59, "off_hours"),
        (16 * 60, ""),
        (18 * 60 + 59, ""),
        (19 * 60, "off_hours"),
    ):
        monkeypatch.setattr(clock, "now_s", lambda at_s=day_s + 60 * minute: at_s)
        assert enter(door, UID)["reason"] == reason
    terms = Terms(0, passes.VISITS, 1, 22 * 60, 6 * 60)
    night = passes.Pass(1, UID, 1, *terms, "", "", 0, None)
    assert [night.is_open(60 * hour) for hour in (21, 22, 23, 0, 5, 6)] == [
        False,
        True,
        True,
        True,
        True,
        False,
    ]


def test_reasons(shop: Shop, door: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    assert enter(door, UID)["reason"] == "unknown"
    plain_card(shop, 100)
    assert enter(door, UID)["reason"] == "no_pass"
    assert enter(door, UID, card=online.PURSE)["reason"] == "unknown", "a chip that says a plain card's UID"
    end_s = clock.now_s() + 5
    grant(shop, UID, 4, end_s)
    assert enter(door, UID, (1, 0))["reason"] == "number"
    monkeypatch.setattr(clock, "now_s", lambda: end_s + 1)
    assert enter(door, UID)["reason"] == "expired"
    list_card(shop, UID)
    assert enter(door, UID)["reason"] == "hot"
    holds(shop)


def test_a_purse_proves_itself_and_its_uid_alone_opens_nothing(shop: Shop, door: Terminal) -> None:
    card = shop.card(1000)
    grant(shop, card.uid, 3)
    assert enter(door, card.uid, card=online.PLAIN)["reason"] == "unknown", (
        "copied onto a card without a chip"
    )
    stranger = DesfireCard(card.uid)
    door.lay(stranger)
    assert enter(door, card.uid, card=online.PURSE)["reason"] == "unreadable"
    assert enter(door, bytes(7), card=online.PURSE)["reason"] == "unknown"
    door.lay(card)
    assert enter(door, card.uid, card=online.PURSE)["left"] == 2
    holds(shop)


def test_another_card_under_a_used_number_opens_nothing(shop: Shop, door: Terminal) -> None:
    plain_card(shop, 100)
    other = bytes(6) + b"\x01"
    plain_card(shop, 100, other)
    grant(shop, UID, 3)
    number = door.kiosk.next_number()
    enter(door, UID, number)
    assert enter(door, other, number)["reason"] == "reused"


def test_a_door_that_opened_without_being_asked_is_alarmed(shop: Shop, door: Terminal) -> None:
    plain_card(shop, 100)
    assert told(shop, door.kiosk, door.kiosk.next_number(), online.TAKEN) == [[1, FLAGGED, 0]]
    refused = door.kiosk.next_number()
    assert enter(door, UID, refused)["reason"] == "no_pass"
    assert told(shop, door.kiosk, refused, online.TAKEN) == [[2, FLAGGED, 0]]
    other = bytes(6) + b"\x01"
    plain_card(shop, 100, other)
    grant(shop, other, 3)
    entered = door.kiosk.next_number()
    assert enter(door, other, entered)["left"] == 2
    assert told(shop, door.kiosk, entered, online.TAKEN) == [[3, FLAGGED, 0]], "it names another card"
    until(lambda: shop.alarms() == ["payment-unknown"])


def test_a_number_is_for_a_payment_or_for_an_entry_and_its_reversal_undoes_that(
    shop: Shop, door: Terminal
) -> None:
    plain_card(shop, 5000)
    passed = grant(shop, UID, 3)
    paid = door.kiosk.next_number()
    assert not ask(shop, door.kiosk, paid, 1200).reason
    assert enter(door, UID, paid)["reason"] == "reused"
    entered = door.kiosk.next_number()
    assert enter(door, UID, entered)["left"] == 2
    assert ask(shop, door.kiosk, entered, 1200).reason == "reused"
    for number in (paid, entered):
        told(shop, door.kiosk, number, online.REVERSAL)
    assert left(shop, passed) == 3
    assert shop.query("SELECT count(*) FROM transactions WHERE kind = 'payment'") == [(1,)]
    holds(shop)
