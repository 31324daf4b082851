"""What the card's log says of a sale without an answer, and what the journal makes of it.

test_settle.py asks a whole virtual card; here are the edges, on the chip's interpreter.
"""

import asyncio

from host_side import reports
from nor import Nor

from kiosk import settle
from kiosk.journal import Journal
from kiosk.reading import Refused
from kiosk.ring import RingFull
from protocol.card import layout
from protocol.card.apdu import CardError
from protocol.wire import messages

UID, NUMBER = b"\x04\x11\x22\x33\x44\x55\x66", 5
SALE = {"uid": UID, "issue": 1, "amount_fen": 2500, "tmc": 7, "value_fen": 10_000, "happened_s": 1_700_000}
OURS = (NUMBER, 1, 1)  # kiosk and number of the open sale
OTHERS = (6, 1, 1)


def line(who, value_fen=7500):
    return layout.log_record(who[0], who[1], who[2], 2500, value_fen, 1_700_000_000)


class Counter:
    """A kiosk with an open sale; the card is back: its issue, TMC and TMV, its value and log, newest last."""

    number, reason, already = NUMBER, "", None

    def __init__(self, tmc, log, issue=1, value_fen=7500):
        self.journal = Journal(Nor(8), NUMBER, 1)
        self.journal.intent(SALE)
        self.journal.unknown()
        self.tmc, self.issue, self.value_fen, self.tmv = tmc, issue, value_fen, b"12345678"
        self.purse, self.log, self.asked = self, log, 0

    async def read_log(self, teller):
        assert teller is self
        self.asked += 1
        return self.log

    def settle(self):
        settle.read_log = self.read_log
        return asyncio.run(settle.settle(self, self.journal.open_for(UID)))

    def told(self):
        """Fields of the settlement that is reported, or None; with none the sale must be open still."""
        found = [
            messages.fields(kind, body)
            for _, _, kind, body in reports(self.journal)
            if kind == messages.SETTLED
        ]
        assert (self.journal.open_for(UID) is None) == bool(found)
        return found[0] if found else None

    def refused(self):
        try:
            self.settle()
        except Refused as refused:
            assert self.told() is None
            return refused.args[0]
        raise AssertionError("it was settled")


def test_the_counter_as_before_the_sale_says_unpaid_without_a_look_at_the_log():
    counter = Counter(7, [line(OURS)], value_fen=10_000)
    assert counter.settle() == "unpaid" and counter.asked == 0
    told = counter.told()
    assert (told["paid"], told["value_fen"], told["tmc"]) == (0, 10_000, 7)
    assert (told["ref_epoch"], told["ref_counter"], counter.reason) == (1, 1, "unpaid")


def test_our_line_says_paid_and_the_next_counter_has_the_proof():
    counter = Counter(8, [line(OTHERS), line(OURS)])
    assert counter.settle() == "settled" and counter.already
    told = counter.told()
    assert (told["paid"], told["tmc"], told["tmv"], told["value_fen"]) == (1, 8, b"12345678", 7500)
    assert counter.sale_number == (1, 2), "the settlement has a number of its own"


def test_our_line_under_later_ones_says_paid_without_the_proof_of_another_sale():
    counter = Counter(9, [line(OURS), line(OTHERS, 5000)], value_fen=5000)
    assert counter.settle() == "settled"
    told = counter.told()
    assert (told["paid"], told["tmc"], told["value_fen"]) == (1, 8, 7500) and "tmv" not in told
    assert counter.sale["value_fen"] == 5000, "the customer sees what is on the card now"


def test_a_line_of_another_kiosk_epoch_or_sale_is_not_ours():
    for who in (OTHERS, (NUMBER, 2, 1), (NUMBER, 1, 2)):
        counter = Counter(8, [line(who)])
        assert counter.settle() == "unpaid" and counter.told()["paid"] == 0, who


def test_only_a_log_that_reaches_back_can_say_unpaid():
    whole = layout.LOG_RECORDS - 1
    log = [line(OTHERS)] * whole
    assert Counter(7 + whole, log).settle() == "unpaid"
    assert Counter(7 + whole + 1, log).refused() == "undecided"
    assert Counter(7 + whole, log[1:]).settle() == "unpaid", "a log that is not full has lost nothing"


def test_a_card_in_a_new_life_decides_nothing_about_the_old_one():
    for tmc in (7, 8):
        assert Counter(tmc, [line(OURS)], issue=2).refused() == "undecided"


def test_a_line_with_a_value_that_no_card_can_hold_is_not_believed():
    for value_fen in (layout.VALUE_FEN_MAX + 1, 0xFFFFFFFF):
        counter = Counter(8, [line(OURS, value_fen)])
        try:
            counter.settle()
        except CardError as error:
            assert "%d fen" % value_fen in str(error) and counter.told() is None
        else:
            raise AssertionError(value_fen)
    for value_fen in (0, layout.VALUE_FEN_MAX):
        assert Counter(8, [line(OURS, value_fen)]).settle() == "settled"


def test_flash_that_takes_no_settlement_leaves_the_sale_open():
    counter = Counter(8, [line(OURS)])

    def full(_number, _values):
        raise RingFull()

    counter.journal.settle = full
    assert counter.refused() == "again"
