"""Which card may pay: what is looked at first, and what each card that may not is told."""

MICROPYTHON_ONLY = True

import asyncio

from nor import Nor

from drivers.pn532 import CardGone
from kiosk import authenticate, record
from kiosk.journal import Journal
from net.charges import Charges
from protocol.card import apdu, purse
from protocol.wire import config, online

UID, OTHER = b"\x04\x11\x22\x33\x44\x55\x66", b"\x04\x99\x22\x33\x44\x55\x66"
SALE = {"uid": UID, "issue": 1, "amount_fen": 2500, "tmc": 7, "value_fen": 10_000, "happened_s": 1_700_000}


class Teller:
    """Presence, settings and link in one. found: the opened purse, or what is raised at opening it."""

    silent = two = False
    marks, hot, uid, sak = b"", (), UID, 0x20

    def __init__(self, found=None, mode="fixed", price_fen=2500, is_online=True, value_fen=10_000):
        self.presence = self.settings = self.link = self
        self.config = dict(config.DEFAULTS, price_fen=2500, version=1, mode=mode)
        self.journal, self.charges = Journal(Nor(8), 5, 1), Charges({})
        self.price_fen, self.online, self.reason, self.returned = price_fen, is_online, "", 0
        self.reader, self.opened, self.card = self, 0, None
        self.masters = {"debit": {1: bytes(16)}}
        self.issue, self.tmc, self.tmv, self.value_fen = 1, 7, b"12345678", value_fen
        self.found = found

    def may_return(self):
        self.returned += 1

    async def transceive(self, _apdu):
        return b"\x6a\x82"  # no such file

    async def open(self, teller):
        assert teller is self
        self.opened += 1
        if self.found:
            raise self.found
        return self

    def look(self):
        authenticate.open_purse = self.open
        return asyncio.run(authenticate.authenticate(self))

    def refused(self):
        assert self.look() == "refused"
        return self.reason

    def sell(self, uid=UID):
        """Paid, and nobody was told."""
        self.journal.intent(dict(SALE, uid=uid))
        self.journal.done(dict(SALE, uid=uid, tmc=8, tmv=b"12345678", value_fen=7500))

    def lose(self, uid=UID):
        self.journal.intent(dict(SALE, uid=uid))
        self.journal.unknown()


def test_a_purse_with_enough_is_payable_and_one_fen_less_is_not():
    assert Teller(value_fen=2500).look() == "payable"
    teller = Teller(value_fen=2499)
    assert teller.refused() == "low" and teller.shown_fen == 2499


def test_two_cards_and_a_listed_one_are_refused_before_anything_is_asked_of_them():
    for name, value, reason in (("two", True, "two"), ("hot", (UID,), "hot")):
        teller = Teller()
        setattr(teller, name, value)
        assert teller.refused() == reason and teller.opened == 0
    teller = Teller()
    teller.hot = (OTHER,)
    assert teller.look() == "payable"


def test_each_way_to_fail_has_its_word_and_only_a_card_that_left_may_return():
    for found, reason, returned in (
        (purse.NotOurs(), "foreign", 0),
        (CardGone(), "early", 1),
        (apdu.CardError("no"), "unreadable", 0),
    ):
        teller = Teller(found)
        assert (teller.refused(), teller.returned) == (reason, returned)


def test_of_a_card_with_an_open_sale_nobody_says_that_nothing_was_taken():
    for found in (purse.NotOurs(), CardGone(), apdu.CardError("no")):
        teller = Teller(found)
        teller.lose()
        assert teller.look() == "unsettled" and teller.reason == "again"
        other = Teller(found)
        other.lose(OTHER)
        assert other.look() == "refused"


def test_an_open_sale_is_settled_first_even_of_a_listed_card():
    teller = Teller()
    teller.lose()
    teller.hot = (UID,)
    assert teller.look() == "unpaid"  # the counter stands as before the sale
    assert teller.journal.open_for(UID) is None


def test_a_new_life_of_the_card_leaves_its_open_sale_to_a_person():
    teller = Teller()
    teller.lose()
    teller.issue = 2
    assert teller.look() == "unsettled" and teller.reason == "undecided"


def test_who_was_not_told_is_told_and_pays_no_second_time():
    teller = Teller()
    teller.sell()
    teller.tmc = 8
    assert teller.look() == "settled" and teller.already
    teller.tmc = 9  # it paid elsewhere since
    assert teller.look() == "payable"
    teller = Teller()
    teller.sell(OTHER)
    assert teller.look() == "payable", "of another card it says nothing"


def test_a_plain_card_is_for_the_host_to_decide_and_for_nobody_without_it():
    teller = Teller()
    teller.sak = 0x08
    assert teller.look() == "ask" and teller.card == online.PLAIN and teller.opened == 0
    teller.online = False
    assert teller.refused() == "needs_host"


def test_without_a_price_a_card_is_looked_at_and_asked_for_when_the_host_is_there():
    teller = Teller(price_fen=0, is_online=False)
    assert teller.look() == "looked" and teller.shown_fen == 10_000
    teller = Teller(price_fen=0)
    assert teller.look() == "ask" and teller.card == online.PURSE


def test_a_till_that_has_not_said_how_much_serves_no_card():
    for sak in (0x20, 0x08):
        teller = Teller(mode="till", price_fen=0)
        teller.sak = sak
        assert teller.refused() == "standby", sak


def test_a_door_opens_by_the_host_alone():
    for sak, card in ((0x20, online.PURSE), (0x08, online.PLAIN)):
        teller = Teller(mode="pass")
        teller.sak = sak
        assert teller.look() == "ask" and teller.card == card and teller.opened == 0
    teller.online = False
    assert teller.refused() == "needs_host"


def entered(mode, paid):
    """The host said yes to a payment or an entry (paid), and nobody was told when the power went."""
    teller = Teller(mode=mode)
    asked = {"uid": UID, "amount_fen": 2500, "happened_s": 1_700_000_000, "paid": paid}
    teller.journal.ask(asked)
    teller.journal.taken(dict(asked, value_fen=900))
    return teller.look()


def test_a_payment_opens_no_door_and_an_entry_is_no_payment():
    assert entered("pass", record.ENTRY) == "entered"
    assert entered("pass", 0) == "ask"
    assert entered("fixed", 0) == "settled"
    assert entered("fixed", record.ENTRY) == "payable"


def test_without_a_debit_key_the_host_is_asked_and_an_open_sale_goes_to_a_person():
    teller = Teller(mode="balance", price_fen=0)
    teller.masters = {"debit": {}}
    assert teller.look() == "ask" and teller.card == online.PURSE and teller.opened == 0
    teller.online = False
    assert teller.refused() == "needs_host"
    teller.lose()
    assert teller.look() == "unsettled" and teller.reason == "undecided" and teller.opened == 0
