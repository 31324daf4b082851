"""A stolen kiosk and the others' turns: it keeps one thread busy at most, and is slowed down."""

import pytest
from pytest_mock import MockerFixture

from host.terminals.relay.relay import THREADS
from protocol.wire import online
from tests.host.looks import faults, holds
from tests.host.rig import Shop
from tests.host.terminals.relay.terminal import Terminal, Terminals, take
from tests.host.terminals.sales.payments import UID
from tests.waiting import until


@pytest.fixture
def kiosk(terminals: Terminals) -> Terminal:
    return terminals.add()


@pytest.fixture
def quick(mocker: MockerFixture) -> None:
    """What is not answered is given up soon."""
    mocker.patch.object(online, "STEP_MS", 150)


def test_a_stolen_kiosk_that_asks_for_cards_that_are_not_there_is_slowed_down_and_alarmed(
    shop: Shop, terminals: Terminals, kiosk: Terminal
) -> None:
    cards = [shop.card(100) for _ in range(6)]
    for card in cards:
        take(shop, card)
    for count, card in enumerate(cards[:5], 1):
        kiosk.ask(card.uid)
        assert kiosk.decided(count)["reason"] == "early"
    until(lambda: shop.alarms() == ["relay-no-card"])
    kiosk.ask(cards[5].uid)
    assert terminals.refused() == ["asked too often"]
    assert faults(shop) == {}


def test_a_terminal_asks_so_often_and_no_more(shop: Shop, terminals: Terminals, kiosk: Terminal) -> None:
    for _ in range(40):
        kiosk.ask(UID)
    until(lambda: len(kiosk.decisions) + kiosk.old + len(terminals.refused()) == 40)
    assert set(terminals.refused()) <= {"asked too often", "asked anew before it was served"}
    assert len(kiosk.decisions) <= 30


def test_a_stolen_kiosk_keeps_one_thread_busy_and_no_more(
    shop: Shop, terminals: Terminals, mocker: MockerFixture
) -> None:
    mocker.patch("host.cards.in_use.WAIT_S", 60)
    stolen, other = terminals.add("K1"), terminals.add("K2")
    held, card = shop.card(100), shop.card(100)
    take(shop, held)
    take(shop, card)
    other.lay(card)
    with terminals.in_use.hold(held.uid):
        stolen.ask(held.uid)
        until(lambda: shop.query("SELECT sum(relay_session) FROM kiosk_sessions") == [(1,)])
        for _ in range(2 * THREADS):
            stolen.ask(held.uid)
        other.ask(card.uid)
        assert other.decided()["amount_fen"] == 500
    assert stolen.decided(2)["reason"] == "early", "the first, and the last of all the others"
    holds(shop)


def test_a_kiosk_that_lets_us_wait_is_slowed_down_whatever_it_asks_in_between(
    shop: Shop, terminals: Terminals, kiosk: Terminal, quick: None
) -> None:
    held, idle = shop.card(100), shop.card(100)
    take(shop, held)
    kiosk.lay(held)
    answered = kiosk.carry
    for count in range(1, 6):
        kiosk.silent = False
        kiosk.ask(idle.uid)
        assert kiosk.decided(2 * count - 1)["reason"] == "nothing"
        steps = len(kiosk.steps)

        def first_alone(apdu: bytes, steps: int = steps) -> bytes | None:
            kiosk.silent = True
            return answered(apdu)

        kiosk.carry = first_alone
        kiosk.ask(held.uid)
        assert kiosk.decided(2 * count)["reason"] == "early"
    until(lambda: shop.alarms() == ["relay-no-card"])
    kiosk.ask(held.uid)
    assert terminals.refused() == ["asked too often"]
    assert faults(shop) == {}
