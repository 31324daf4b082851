"""A price list: which button is which price, what is no button, and who else may end the choice."""

MICROPYTHON_ONLY = True

import asyncio

from mp_amount import Shop

from kiosk import menu

PRICES = [("tea", 1200), ("rice", 2800), ("soup", 900)]


class List(Shop):
    def __init__(self, keys="", prices=tuple(PRICES), **values):
        super().__init__(keys, mode="list", prices=list(prices), **values)

    def pick(self):
        return asyncio.run(menu.pick(self))


def test_each_button_has_the_price_that_stands_beside_it():
    prices = [("dish %d" % n, 100 + n) for n in range(len(menu.BUTTONS))]
    for at, button in enumerate(menu.BUTTONS):
        shop = List(button, prices)
        assert shop.pick() == "chosen"
        assert (shop.label, shop.price_fen, shop.fixed) == (prices[at][0], prices[at][1], False), button


def test_buttons_without_a_price_and_other_keys_choose_nothing():
    for keys in ("4", "#", "A", "BCDE", "90*"):
        shop = List(keys)
        shop.left_after = 20
        assert shop.pick() == "left", keys
        assert (shop.label, shop.price_fen) == ("?", -1), "nothing was set"
    shop = List("4A2")
    assert shop.pick() == "chosen" and shop.label == "rice"


def test_a_list_that_is_empty_waits_until_the_kiosk_is_called_away():
    shop = List("123", prices=())
    shop.left_after = 5
    assert shop.pick() == "left" and shop.looks == 6


def test_a_newer_configuration_ends_the_choice_before_a_key_counts():
    shop = List("1")
    shop.next = {"version": 2}
    assert shop.pick() == "left" and shop.keys == "1" and shop.shown == []


def test_a_card_that_comes_too_early_may_return_and_pays_nothing():
    shop = List(card_at=(2, 3))
    shop.left_after = 6
    assert shop.pick() == "left"
    assert shop.returned == 2 and shop.price_fen == -1


def test_the_list_is_drawn_once_and_anew_when_the_line_comes_or_goes():
    shop = List()
    lines = [True, True, False, False, True]
    shop.left_after = len(lines) - 1
    look = shop.look

    async def looked():
        shop.online = lines[shop.looks]
        return await look()

    shop.look = looked
    assert shop.pick() == "left"
    assert len(shop.shown) == 3
    rows = [item[1] for item in shop.shown[0] if item[0] == "row"]
    assert rows == [("1 tea", "12.00"), ("2 rice", "28.00"), ("3 soup", "9.00")]
