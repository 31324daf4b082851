"""A top-up that waits for its card is put there at the card's next online tap, once, whatever goes wrong."""

import threading
from collections.abc import Callable

import pytest

from simulator.card import DesfireCard
from simulator.host import HostRefusal
from tests.relay.conftest import PRICE_FEN, WAIT_S, Shop, value
from tests.waiting import until


def test_what_waits_is_collected_and_the_sale_goes_on_in_the_same_tap(shop: Shop) -> None:
    card = shop.card("A", 50)  # too little for one sale
    shop.take(card, 1000)
    assert shop.waiting() == [1000]
    shop.tap(card)
    assert shop.shown("支付成功") and shop.shown("已充值 10.00"), shop.seen
    shop.holds(card, 1050 - PRICE_FEN)
    assert shop.waiting() == []
    shop.tap(card)
    assert shop.shown("支付成功") and not shop.shown("已充值"), shop.seen
    shop.holds(card, 1050 - 2 * PRICE_FEN)


def test_what_was_given_back_is_not_collected(shop: Shop) -> None:
    card = shop.card("B", 500)
    shop.take(card, 1000)
    shop.world.host.request("DELETE", f"/cards/{card.uid}/waiting")
    with pytest.raises(HostRefusal, match="nothing waits"):
        shop.world.host.request("DELETE", f"/cards/{card.uid}/waiting")
    shop.tap(card)
    assert shop.shown("支付成功") and not shop.shown("已充值"), shop.seen
    shop.holds(card, 500 - PRICE_FEN)


def at_credit(card: DesfireCard, when: str, then: Callable[[], object]) -> None:
    """then() beside the seal of the next commit: the first of a tap is the host's. In a thread of its own:
    this one is the reader's, which must go on."""

    def at_commit(moment: str, step: str) -> None:
        if (moment, step) == (when, "commit seal"):
            card.tear_hook = None
            threading.Thread(target=then).start()

    card.tear_hook = at_commit


@pytest.mark.parametrize("point", ["auth", "commit-sent", "commit-done"])
def test_a_card_pulled_while_it_is_topped_up_has_it_once(shop: Shop, point: str) -> None:
    card = shop.card(f"pulled {point}", 500)
    assert isinstance(card.card, DesfireCard)
    shop.take(card, 1000)
    card.card.arm_pull(point)
    shop.tap(card)
    if point == "commit-sent":  # the card has it, and nobody knows
        assert value(card) == 1500
        with pytest.raises(HostRefusal, match="read the card first"):
            shop.world.host.request("DELETE", f"/cards/{card.uid}/waiting")
    card.card.arm_pull(None)
    assert shop.unit.wait_for(shop.knows, WAIT_S)
    shop.tap(card)
    assert shop.shown("支付成功"), shop.seen
    shop.holds(card, 1500 - PRICE_FEN)
    assert shop.waiting() == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_power_that_goes_in_the_commit_loses_and_doubles_nothing(shop: Shop, when: str) -> None:
    card = shop.card(f"power {when}", 500)
    assert isinstance(card.card, DesfireCard)
    shop.take(card, 1000)
    at_credit(card.card, when, shop.unit.power_cut)
    shop.unit.place(card.card)
    until(lambda: not shop.unit.powered)
    shop.unit.remove()
    before = value(card)  # the power may have gone a moment later, after the sale
    shop.unit.power_on()
    shop.online()
    assert shop.unit.wait_for(shop.knows, WAIT_S)
    shop.tap(card)
    shop.settled()
    sold = 1500 - value(card)
    assert (before, sold) in ((500, PRICE_FEN), (1500, PRICE_FEN), (1500 - PRICE_FEN, PRICE_FEN)), shop.seen
    shop.holds(card, 1500 - PRICE_FEN)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_host_that_is_killed_in_the_commit_settles_it_at_the_next_contact(shop: Shop, when: str) -> None:
    card = shop.card(f"killed {when}", 500)
    assert isinstance(card.card, DesfireCard)
    shop.take(card, 1000)
    at_credit(card.card, when, shop.world.host.kill)
    shop.tap(card)  # the kiosk sells what it can without the host, or says that it could not read
    shop.world.host.start()
    shop.online()
    shop.settled()
    assert shop.unit.wait_for(shop.knows, WAIT_S)
    before = value(card)
    shop.tap(card)
    assert shop.shown("支付成功"), shop.seen
    missing = 0 if before > 1000 else 1000
    shop.holds(card, before + missing - PRICE_FEN)
    assert shop.waiting() == []


def test_a_network_that_goes_leaves_the_card_as_good_as_it_was(shop: Shop) -> None:
    card = shop.card("cut", 500)
    assert isinstance(card.card, DesfireCard)
    shop.take(card, 1000)
    at_credit(card.card, "after", lambda: shop.unit.network(False))
    shop.tap(card)
    assert value(card) in (1500, 1500 - PRICE_FEN), shop.seen
    before = value(card)
    shop.unit.network(True)
    shop.online()
    shop.settled()
    assert shop.unit.wait_for(shop.knows, WAIT_S)
    shop.tap(card)
    assert shop.shown("支付成功"), shop.seen
    shop.holds(card, before - PRICE_FEN)
    assert shop.waiting() == []
