"""The sale at the card: what is in flash before the card may commit, and what each way to fail leaves."""

import asyncio

from host_side import reports
from nor import Nor

from drivers.pn532 import CardGone, ReaderFault
from kiosk import sell
from kiosk.journal import RESERVE, Journal
from kiosk.ring import RingFull
from protocol.card import apdu, layout
from protocol.wire import messages

UID, NUMBER, PRICE_FEN, NOW_S = b"\x04\x11\x22\x33\x44\x55\x66", 5, 2500, 1_800_000_000
SALE, UNSETTLED = messages.SALE, messages.UNSETTLED


class Card:
    """An opened purse, its reader, and the procedures on it: at = what is raised in `debit` or `commit`."""

    issue, tmc, value_fen, session = 3, 7, 10_000, None

    def __init__(self, journal, **at):
        self.journal, self.at = journal, at
        self.record, self.done, self.before_commit = b"", [], None
        self.meanwhile = lambda: None  # while the debit is under way

    def debit(self, opened, price_fen, record):
        assert opened is self and price_fen == PRICE_FEN
        self.record = record
        yield "debit"

    def commit(self, _session):
        answer = yield "commit"
        return 8, answer

    async def transceive(self, command):
        self.done.append(command)
        if command == "commit":
            self.before_commit = len(self.journal.open), self.journal.current
        if command in self.at:
            raise self.at[command]
        self.meanwhile()
        return b"12345678"


class Teller:
    number, mark, already, reason = NUMBER, (9, 4), None, ""
    price_fen, sale_number = PRICE_FEN, None

    def __init__(self, blocks=8, **at):
        self.device = Nor(blocks)
        self.journal = Journal(self.device, NUMBER, 2)
        self.card = self.purse = self.reader = sell.purse = Card(self.journal, **at)
        self.presence, self.uid, self.returned = self, UID, 0

    def clock(self):
        return NOW_S

    def may_return(self):
        self.returned += 1

    def sell(self):
        return asyncio.run(sell.sell(self))

    def restarted(self):
        """What a kiosk that was switched off finds to report."""
        return [(number, kind) for _, number, kind, _ in reports(Journal(self.device, NUMBER, 2))]


def test_a_sale_is_in_flash_before_the_card_commits_and_its_result_after():
    teller = Teller()
    assert teller.sell() == "done"
    assert teller.card.done == ["debit", "commit"]
    assert teller.card.before_commit == (1, (2, 1)), "the intent was there when the card was asked"
    [(slot, number, kind, body)] = reports(teller.journal)
    values = messages.fields(kind, body)
    kept = teller.journal.ring.read(slot)
    assert (kept["ref_epoch"], kept["ref_counter"]) == (9, 4), "the till's charge that it was for"
    assert (number, kind, teller.sale_number, teller.already) == ((2, 1), SALE, (2, 1), False)
    assert (values["uid"], values["issue"], values["amount_fen"]) == (UID, 3, PRICE_FEN)
    assert (values["tmc"], values["tmv"], values["value_fen"]) == (8, b"12345678", 7500)
    assert values["happened_s"] == NOW_S
    assert teller.restarted() == [((2, 1), SALE)]


def test_the_cards_own_record_names_kiosk_number_amount_and_what_is_left():
    teller = Teller()
    teller.sell()
    teller.journal.shown()
    teller.sell()
    found = layout.read_log_record(teller.card.record)
    assert found[1:4] == (NUMBER, 2, 2) and PRICE_FEN in found and 7500 in found and NOW_S in found


def test_what_goes_wrong_before_the_commit_uses_no_number_and_leaves_nothing():
    for error, reason, returned in (
        (CardGone(), "early", 1),
        (apdu.CardError("no"), "unreadable", 0),
    ):
        teller = Teller(debit=error)
        assert teller.sell() == "refused"
        assert (teller.reason, teller.returned, teller.card.done) == (reason, returned, ["debit"])
        assert teller.journal.next_number() == (2, 1) and teller.restarted() == []


def test_a_reader_that_fails_before_the_commit_is_for_the_session_to_see():
    teller = Teller(debit=ReaderFault())
    try:
        teller.sell()
    except ReaderFault:
        assert teller.restarted() == []
    else:
        raise AssertionError("it was swallowed")


def test_no_answer_to_the_commit_is_an_open_sale_whatever_the_card_seemed_to_say():
    for error in (CardGone(), ReaderFault(), apdu.CardError("refused", 0xAE)):
        teller = Teller(commit=error)
        assert teller.sell() == "unknown"
        assert (teller.reason, teller.returned) == ("again", 1)
        assert teller.restarted() == [((2, 1), UNSETTLED)]
        open_sale = teller.journal.open_for(UID)
        assert (open_sale["tmc"], open_sale["value_fen"]) == (7, 10_000), "as before the sale"


def test_an_epoch_that_begins_meanwhile_ends_the_sale_before_the_card_has_paid():
    teller = Teller()
    teller.card.meanwhile = lambda: teller.journal.begin_epoch(6)
    assert teller.sell() == "refused"
    assert (teller.reason, teller.returned, teller.card.done) == ("unreadable", 1, ["debit"])
    assert teller.restarted() == []
    teller.card.meanwhile = lambda: None
    assert teller.sell() == "done" and teller.sale_number == (6, 1)


def test_a_full_journal_sells_nothing_and_the_card_is_not_asked():
    teller = Teller(blocks=4)
    while teller.journal.ring.room(teller.journal.tail) >= RESERVE:
        assert teller.sell() == "done"
        teller.journal.shown()
    before = teller.restarted()
    teller.card.done = []
    assert teller.sell() == "refused"
    assert (teller.reason, teller.card.done) == ("full", ["debit"])
    assert teller.restarted() == before


def test_flash_that_takes_no_intent_sells_nothing():
    teller = Teller()

    def intent(_values):
        raise RingFull()

    teller.journal.intent = intent
    assert teller.sell() == "refused" and teller.reason == "full" and teller.card.done == ["debit"]
