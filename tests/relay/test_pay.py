"""Cards that hold no money pay at a kiosk by the host's word, once."""

import random
import threading
from collections.abc import Callable

import pytest

from simulator.card import ClassicCard, ContactlessCard, Ntag424Card
from tests.relay.conftest import PRICE_FEN, WAIT_S, Shop
from tests.waiting import until

MORE = 0xAF


class Held:
    """A card that no wallet keeps."""

    def __init__(self, card: ContactlessCard) -> None:
        self.card = card
        self.uid = card.uid.hex()


def account(shop: Shop, seed: int, amount_fen: int) -> Held:
    """An account card made at the desk, with money on its account."""
    held = Held(Ntag424Card(bytes([4, 0x42, seed, 1, 2, 3, 0x80]), random.Random(seed)))
    shop.world.at_desk(held.card, "/cards/account")
    return loaded(shop, held, amount_fen)


def plain(shop: Shop, seed: int, amount_fen: int) -> Held:
    held = Held(ClassicCard(bytes([0x42, seed, 2, 3])))
    shop.world.host.post("/cards/plain", uid=held.uid)
    return loaded(shop, held, amount_fen)


def loaded(shop: Shop, held: Held, amount_fen: int) -> Held:
    shop.world.host.post(f"/cards/{held.uid}/load", amount_fen=amount_fen, key=f"load {held.uid}")
    return held


def money(shop: Shop, held: Held) -> int:
    return int(shop.world.host.get(f"/cards/{held.uid}")["balance_fen"])


def whole(shop: Shop) -> None:
    shop.settled()
    result = shop.world.host.verify()
    assert result["ok"], result
    assert shop.unit.kiosk.problems() == []


@pytest.mark.parametrize("make", [account, plain])
def test_a_card_pays_once_a_tap_and_not_while_it_lies_there(shop: Shop, make: object) -> None:
    held = make(shop, 1, 250)  # type: ignore[operator]
    before = shop.unit.outcomes
    shop.unit.place(held.card)
    assert shop.unit.wait_for(lambda: shop.unit.outcomes > before, WAIT_S), shop.told()
    assert shop.unit.shows("支付成功") and shop.unit.shows("1.50"), shop.told()
    looks = shop.unit.looks
    assert shop.unit.wait_for(lambda: shop.unit.looks > looks + 20, WAIT_S)
    assert (shop.unit.outcomes, money(shop, held)) == (before + 1, 150)
    shop.take_away()
    shop.tap(held)
    assert shop.shown("支付成功") and money(shop, held) == 250 - 2 * PRICE_FEN
    shop.tap(held)
    assert shop.shown("未扣款") and shop.shown("余额不足") and shop.shown("0.50"), shop.seen
    assert money(shop, held) == 50
    whole(shop)


def test_an_unknown_card_is_refused(shop: Shop) -> None:
    for card in (ClassicCard(b"\x42\x00\x00\x09"), Ntag424Card(bytes([4, 9, 9, 9, 9, 9, 0x80]))):
        shop.tap(Held(card))
        assert shop.shown("未扣款") and shop.shown("非本店卡"), shop.seen
    whole(shop)


def test_without_the_host_it_pays_nothing_and_is_told_so(shop: Shop) -> None:
    held = plain(shop, 2, 1000)
    shop.unit.network(False)
    assert shop.unit.kiosk.wait_screen("脱机", 30), shop.told()
    shop.tap(held)
    assert shop.shown("未扣款") and shop.shown("此卡需联机"), shop.seen
    shop.unit.network(True)
    shop.online()
    assert money(shop, held) == 1000
    whole(shop)


def at_proof(held: Held, then: Callable[[], object]) -> list[int]:
    """then() when the card is asked for its proof, once, in a thread of its own: this one is the reader's.
    The commands heard from then on."""
    card, heard = held.card, []
    assert isinstance(card, Ntag424Card)
    before = card.chip.heard

    def hear(command: int) -> None:
        if command == MORE:
            heard.append(command)
            if len(heard) == 1:
                threading.Thread(target=then).start()
        before(command)

    card.chip.heard = hear  # type: ignore[method-assign]
    return heard


def test_a_network_that_goes_while_the_host_decides_takes_nothing_in_the_end(shop: Shop) -> None:
    held = account(shop, 3, 1000)
    heard = at_proof(held, lambda: shop.unit.network(False))
    shop.tap(held)
    assert heard
    paid = shop.shown("支付成功")  # the cut came a moment too late
    assert paid or (shop.shown("未扣款") and shop.shown("主机未答复")), shop.seen
    shop.unit.network(True)
    shop.online()
    whole(shop)
    assert money(shop, held) == 1000 - (PRICE_FEN if paid else 0)


def test_power_that_goes_while_the_host_decides_takes_nothing_unless_it_was_in_flash(shop: Shop) -> None:
    held = account(shop, 4, 1000)
    at_proof(held, shop.unit.power_cut)
    shop.unit.place(held.card)
    until(lambda: not shop.unit.powered)
    shop.unit.remove()
    shop.unit.power_on()
    shop.online()
    whole(shop)
    before = money(shop, held)
    shop.tap(held)
    if before == 1000:  # reversed, or never decided
        assert shop.shown("支付成功"), shop.seen
    else:  # the kiosk had it in flash, and the customer was not told
        assert before == 1000 - PRICE_FEN and (shop.shown("此卡已付") or shop.shown("支付成功")), shop.seen
    whole(shop)
    assert money(shop, held) in (1000 - PRICE_FEN, 1000 - 2 * PRICE_FEN)
