"""A PIN is four to eight digits, taken back with one key, and nobody waits for ever."""

MICROPYTHON_ONLY = True

import asyncio

from kiosk import pin
from tests.firmware.chip_clock import ChipClock


class Front:
    keypad = True

    def __init__(self, keys):
        self.keys, self.typed, self.shown = "7", list(keys), []

    def key(self):
        if self.keys:
            key, self.keys = self.keys, ""
            return key
        if self.typed:
            return self.typed.pop(0)
        CLOCK.ms += pin.ENTRY_MS
        return ""

    def show(self, items):
        self.shown.append(items[-1][1])


class Teller:
    price_fen, language, reason = 2500, "zh", "pin_needed"

    def __init__(self, keys):
        self.settings, self.front = self, Front(keys)

    async def rest(self):
        pass


CLOCK = ChipClock()


def entered(*keys):
    teller = Teller(keys)
    return asyncio.run(pin.enter(teller)), teller.front.shown


def test_digits_are_hidden_and_given_with_ok():
    assert entered("1", "2", "3", "4", "E") == (b"1234", ["----", "*", "**", "***", "****"])


def test_no_fewer_than_four_and_no_more_than_eight():
    assert entered("1", "2", "E", "3", "4", "E")[0] == b"1234"
    assert entered(*"1234567890", "E")[0] == b"12345678"
    assert entered("A", "1", "D", "2", "3", "4", "E")[0] == b"1234"


def test_digits_are_taken_back_and_cancel_ends_it():
    assert entered("9", "B", "1", "2", "3", "9", "*", "4", "#")[0] == b"1234"
    assert entered("9", "B", "B") == (None, ["----", "*", "----"])
    assert entered("1", "2", "3", "4", "C")[0] is None


def test_a_customer_who_goes_away_is_not_waited_for():
    assert entered("1", "2")[0] is None
