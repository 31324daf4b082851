"""What is to be paid, by mode: typed as counters do, picked by a button, or nothing at all."""

MICROPYTHON_ONLY = True

import asyncio

from kiosk import amount, choosing, typed
from protocol.wire import config
from protocol.wire.till import CANCELLED


class Shop:
    """Teller, settings, front, link, journal and presence in one. Keys come one a look; a card when told."""

    online, language = True, "zh"
    keypad = True

    def __init__(self, keys="", card_at=(), **values):
        self.settings = self.front = self.link = self.journal = self.presence = self
        self.config = dict(config.DEFAULTS, price_fen=2500, version=1)
        self.config.update(values)
        self.next = None  # a newer configuration
        self.keys, self.shown = keys, []
        self.card_at, self.looks, self.returned = card_at, 0, 0
        self.price_fen, self.label, self.fixed, self.mark = -1, "?", None, None
        self.left_after, self.tapped, self.order = 200, False, None

    def key(self):
        key, self.keys = self.keys[:1], self.keys[1:]
        return key

    def dress(self, _config, _clock):
        pass

    def clock(self):
        return 1_800_000_000

    def show(self, items):
        self.shown.append(items)

    async def rest(self):
        pass

    def called_away(self):
        return self.looks > self.left_after

    async def look(self):
        self.looks += 1
        return self.looks in self.card_at

    def may_return(self):
        self.returned += 1

    def choose(self):
        return asyncio.run(amount.choose(self))

    def texts(self):
        return [[item[1] for item in items] for items in self.shown]


def test_a_fixed_price_is_chosen_at_once_for_one_card_after_the_other():
    shop = Shop()
    assert shop.choose() == "chosen"
    assert (shop.price_fen, shop.fixed, shop.label, shop.mark) == (2500, True, "", (0, 0))


def test_another_mode_ends_the_order_of_a_till_before_anybody_pays():
    shop = Shop()
    shop.order, shop.said, shop.charges = [0, 7, 1200, 1_900_000_000, 0, ""], [], shop
    shop.say = lambda *words: shop.said.append(words)
    assert shop.choose() == "chosen" and (shop.price_fen, shop.mark) == (2500, (0, 0))
    assert shop.order is None and shop.said == [(7, CANCELLED, 0, 0, "")]


def test_stations_take_nothing():
    for mode in ("balance", "collect"):
        shop = Shop(mode=mode)
        assert shop.choose() == "chosen" and shop.price_fen == 0 and shop.fixed


def test_digits_come_in_from_the_right_and_the_last_two_are_fen():
    cases = {"1250E": 1250, "5#": 5, "12D#": 1200, "129B5E": 125, "99C7E": 7, "00012E": 12, "1*2E": 2}
    for keys, fen in cases.items():
        shop = Shop(keys, mode="keypad")
        assert shop.choose() == "chosen", keys
        assert (shop.price_fen, shop.fixed) == (fen, False), (keys, shop.price_fen)


def test_nothing_is_confirmed_before_something_is_typed():
    shop = Shop("E#E", mode="keypad")
    assert shop.choose() == "left" and shop.price_fen == -1


def test_more_than_the_limit_is_not_taken_and_said():
    shop = Shop("12345E", mode="keypad", max_fen=1234)
    assert shop.choose() == "chosen" and shop.price_fen == 1234
    assert any("最多 ¥12.34" in texts for texts in shop.texts())
    shop = Shop("999999999E", mode="keypad")
    assert shop.choose() == "chosen" and shop.price_fen == 99999


def test_a_card_that_comes_too_early_is_told_and_may_be_served_once_something_was_typed():
    shop = Shop("", card_at=(3,), mode="keypad")
    assert shop.choose() == "left" and shop.returned == 1
    assert shop.texts()[-1][-1] == "请先输入金额"


def test_a_card_that_came_during_the_last_outcome_is_served_once_something_was_typed():
    shop = Shop("1E", mode="keypad")
    shop.tapped = True
    assert shop.choose() == "chosen" and shop.returned == 1 and not shop.tapped


def test_whoever_types_is_left_for_a_new_configuration_or_when_called_away():
    shop = Shop("12", mode="keypad")

    async def rest():
        if not shop.keys:
            shop.next = {}

    shop.rest = rest
    assert shop.choose() == "left" and shop.looks < 10
    shop = Shop("12", mode="keypad")
    shop.left_after = 5
    assert shop.choose() == "left" and shop.looks == 6


def test_an_amount_half_typed_is_forgotten():
    before, typed.FORGET_MS = typed.FORGET_MS, -1
    try:
        shop = Shop("12", mode="keypad")
        assert shop.choose() == "left"
        assert [texts[1] for texts in shop.texts()] == ["¥0.01", "¥0.12", "¥0.00"]
    finally:
        typed.FORGET_MS = before


def test_a_button_of_the_price_list_is_pressed():
    prices = [["美甲", 8800], ["洗头", 3000]] + [["x", n + 1] for n in range(10)]
    for key, chosen in (
        ("1", ("美甲", 8800)),
        ("2", ("洗头", 3000)),
        ("*", ("x", 8)),
        ("0", ("x", 9)),
        ("#", ("x", 10)),
    ):
        shop = Shop("A" + key, mode="list", prices=prices)
        assert shop.choose() == "chosen"
        assert (shop.label, shop.price_fen) == chosen and not shop.fixed
    assert shop.shown[0][1][1] == ("1 美甲", "88.00")


def test_a_button_without_a_price_is_none():
    shop = Shop("3EC*", mode="list", prices=[["a", 1], ["b", 2]])
    assert shop.choose() == "left" and shop.label == ""


def test_a_choice_is_taken_back_by_a_key_and_another_button_is_the_next_choice():
    for keys, unchosen, left in (
        ("", False, ""),
        ("5", False, ""),
        ("C", True, ""),
        ("B", True, ""),
        ("*", True, ""),
    ):
        shop = Shop(keys)
        shop.label = ""
        assert choosing.unchosen(shop) == unchosen and shop.keys == left, keys
    for keys, unchosen, left in (
        ("2", True, "2"),
        ("*", True, "*"),
        ("C", True, ""),
        ("E", False, ""),
        ("D", False, ""),
    ):
        shop = Shop(keys)
        shop.label = "Cut"
        assert choosing.unchosen(shop) == unchosen and shop.keys == left, keys
