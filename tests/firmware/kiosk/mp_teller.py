"""The session of a kiosk without chip and network: foreign cards without end, a card that stays, a reader
without sense, a display that is gone, an errand between two sales."""

MICROPYTHON_ONLY = True

import asyncio
import gc

from nor import Nor

from drivers.pn532 import ReaderFault
from kiosk import presence, record, result, selftest, shown, teller
from kiosk.journal import Journal
from net.charges import Charges
from protocol.wire import config
from protocol.wire.till import CANCELLED, WAITING
from tests.firmware.chip_clock import ChipClock

CLOCK = ChipClock()
NO_SUCH_FILE = b"\x6a\x82"
SAID = []

for module in (presence, selftest, teller):
    module.print = SAID.append
for action in dir(shown):
    if action[:5] == "show_":
        setattr(shown, action, lambda made, action=action: made.front.note(action, made.reason))
result.RESULT_MS = 0
selftest.RETRY_MS = teller.POLL_MS = 0


class Reader:
    """Looks are answered by find(n), n counting from 1: a card, None, or what is raised."""

    def __init__(self, find):
        self._find, self.looks, self.starts = find, 0, 0

    async def start(self):
        self.starts += 1
        CLOCK.ms += 20

    async def find(self):
        self.looks += 1
        CLOCK.ms += 20
        await asyncio.sleep_ms(0)
        found = self._find(self.looks)
        if isinstance(found, Exception):
            raise found
        return found

    async def transceive(self, _apdu):
        CLOCK.ms += 10
        return NO_SUCH_FILE


class Kiosk:
    """Settings, link and front of a teller in one."""

    keypad, fault, trouble, label = None, "", "", ""
    online = silent = False
    next, marks, hot, keys = None, b"", set(), ""

    def __init__(self, find):
        self.settings = self.link = self.line = self.front = self
        self.config = dict(config.DEFAULTS, price_fen=100, version=1, verdict_wait_ms=0)
        self.masters = {"debit": {1: bytes(16)}, "read": {}}
        self.reader, self.journal = Reader(find), Journal(Nor(8), 5, 1)
        self.shown, self.charges = [], Charges({})
        self.teller = teller.Teller(
            self.reader, self.journal, self, self, self, None, lambda: 1_800_000_000, 5
        )

    async def verdict(self, _number, _wait_ms):
        return True

    def switch(self):
        return False

    def wake(self, _confirm=False):
        pass

    def dress(self, _config, _clock):
        pass

    def key(self):
        return ""

    async def drawn(self):
        pass

    def note(self, name, reason):
        self.shown = self.shown[-9:] + [(name, reason)]

    def run(self, until, looks=100_000):
        """Run the session, from its beginning, until this holds."""
        self.teller.state = "BOOT"

        async def go():
            task = asyncio.create_task(self.teller.run())
            while not until() and self.reader.looks < looks:
                if task.done():
                    await task
                await asyncio.sleep_ms(0)
            task.cancel()

        asyncio.run(go())
        assert until(), (self.shown, self.reader.looks)


class Store:
    """Whose word is noted."""

    serving = False

    def __init__(self):
        self.faults = []

    def fault(self, source, cause):
        self.faults.append((source, cause))


def made(find):
    kiosk = Kiosk(find)
    kiosk.teller.store = store = Store()
    kiosk.faults = store.faults
    return kiosk


def visits(cards, there=2, away=40):
    """Cards that come one after the other: so many looks each, and so many empty ones between."""

    def find(look):
        at = look % (there + away)
        return (cards(look // (there + away)), 0x20) if at < there else None

    return find


def test_a_thousand_foreign_cards_take_no_memory_and_flood_nothing():
    seen = [0]
    kiosk = made(visits(lambda n: b"\x04" + n.to_bytes(6, "big")))

    def refused():
        if kiosk.shown and kiosk.shown[-1] == ("show_refused", "foreign"):
            seen[0] += 1
            kiosk.shown.clear()
        return seen[0]

    SAID.clear()
    kiosk.run(lambda: refused() >= 50)
    gc.collect()
    before = gc.mem_alloc()
    kiosk.run(lambda: refused() >= 1050)
    gc.collect()
    assert gc.mem_alloc() - before < 512, gc.mem_alloc() - before
    assert SAID == [] and kiosk.faults == []
    assert kiosk.journal.pending == 0 and kiosk.journal.next_number() == (1, 1)


def test_a_card_that_is_left_there_for_hours_is_served_once():
    kiosk = made(lambda look: (b"1234567", 0x20) if look > 5 else None)
    served = [0]

    def count():
        if kiosk.shown and kiosk.shown[-1][0] == "show_refused":
            served[0] += 1
            kiosk.shown.clear()
        return kiosk.reader.looks > 20_000

    kiosk.run(count)
    assert served[0] == 1 and kiosk.teller.presence.resting


def test_a_reader_that_is_silent_is_reset_three_times_then_out_of_service_and_comes_back():
    broken = [True]
    kiosk = made(lambda look: ReaderFault("reader is silent") if broken[0] else None)
    SAID.clear()
    kiosk.run(lambda: kiosk.teller.state == "OUT_OF_SERVICE")
    assert (kiosk.reader.starts, kiosk.shown[-1]) == (3, ("show_out", "reader"))
    assert kiosk.faults == [("reader", "reader is silent")]
    kiosk.run(lambda: kiosk.reader.starts > 500)
    assert len(SAID) < 20 and len(kiosk.faults) <= 2  # it may be days until somebody comes
    broken[0] = False
    kiosk.run(lambda: kiosk.teller.state == "CARD_WAIT")


def test_a_reader_that_answers_resets_and_then_no_sense_is_out_of_service_too():
    kiosk = made(lambda look: None if look % 3 == 1 else ReaderFault("broken frame"))
    SAID.clear()
    kiosk.run(lambda: kiosk.shown[-1:] == [("show_out", "reader")])
    assert kiosk.faults == [("reader", "one fault after another")]
    assert len(SAID) <= 6, SAID


def test_an_order_of_a_till_ends_also_while_the_reader_is_out():
    kiosk = made(lambda look: ReaderFault("reader is silent"))
    kiosk.config["mode"] = "till"
    kiosk.charges.ask({"order": 7, "amount_fen": 100, "deadline_s": 1_900_000_000, "cancel": 0})
    kiosk.charges.ask({"order": 7, "amount_fen": 100, "deadline_s": 1_900_000_000, "cancel": 1})
    kiosk.run(lambda: len(kiosk.charges.said) == 2)
    assert [one["outcome"] for one in kiosk.charges.said] == [WAITING, CANCELLED]
    assert kiosk.teller.state == "OUT_OF_SERVICE"


def test_faults_that_are_far_apart_are_no_trouble():
    def find(look):
        if look % 50 == 0:
            CLOCK.ms += teller.FAULTS_MS
            return ReaderFault("broken frame")
        return None

    kiosk = made(find)
    kiosk.run(lambda: kiosk.reader.looks > 500)
    assert kiosk.faults == [] and ("show_out", "reader") not in kiosk.shown


def test_what_was_said_to_one_customer_is_not_shown_to_the_next():
    """At a station there is no sale, so both have the same number."""
    kiosk = made(lambda look: (b"1234567", 0x20) if 5 < look < 9 else None)
    kiosk.charges.greet((0, 0), {"points": 700, "tier": 2, "birthday": 1})
    assert kiosk.teller.sale_number == (0, 0)
    kiosk.run(lambda: kiosk.shown[-1:] == [("show_refused", "foreign")])
    assert kiosk.charges.greeting == ((0, 0), {})


def test_a_payment_that_nobody_was_told_of_opens_no_door_and_an_entry_is_no_payment():
    for mode, paid, screen in (
        ("pass", 0, ("show_refused", "needs_host")),
        ("pass", record.ENTRY, ("show_entered", "")),
        ("fixed", record.ENTRY, ("show_refused", "needs_host")),
        ("fixed", 0, ("show_paid", "")),
    ):
        kiosk = made(lambda look: (b"1234567", 0) if 5 < look < 9 else None)
        kiosk.config["mode"] = mode
        sale = {"uid": b"1234567", "amount_fen": 2500, "happened_s": 1_800_000_000, "paid": paid}
        kiosk.journal.ask(sale)
        kiosk.journal.taken(sale)
        kiosk.teller.presence.uid = b""
        kiosk.run(lambda reader=kiosk.reader: reader.looks > 12)
        assert screen in kiosk.shown, (mode, paid, kiosk.shown)


def test_a_kiosk_without_a_debit_key_says_what_it_cannot_do():
    for mode in ("balance", "collect", "fixed", "till"):
        kiosk = made(lambda look: (b"1234567", 0x20) if 5 < look < 9 else None)
        kiosk.config["mode"] = mode
        kiosk.masters = {"debit": {}, "read": {}}
        kiosk.run(lambda reader=kiosk.reader: reader.looks > 12)
        assert ("show_refused", "standby" if mode == "till" else "needs_host") in kiosk.shown, (
            mode,
            kiosk.shown,
        )
        assert kiosk.faults == []


def test_a_sale_of_the_mode_before_that_is_open_is_told_to_the_customer():
    kiosk = made(lambda look: (b"1234567", 0x20) if 5 < look < 9 else None)
    kiosk.config["mode"] = "balance"
    kiosk.masters = {"debit": {}, "read": {}}
    sale = {"uid": b"1234567", "issue": 1, "amount_fen": 100, "tmc": 1, "value_fen": 900}
    kiosk.journal.intent(dict(sale, happened_s=1_800_000_000, ref_epoch=0, ref_counter=0))
    kiosk.journal.unknown()
    kiosk.teller.presence.uid = b""
    kiosk.run(lambda: kiosk.shown and kiosk.shown[-1][1] == "undecided")


def test_two_cards_at_once_are_told_and_nothing_is_taken():
    kiosk = made(lambda look: (b"", 0) if 5 < look < 9 else None)
    kiosk.run(lambda: ("show_refused", "two") in kiosk.shown)
    assert kiosk.journal.next_number() == (1, 1)


def test_an_errand_is_done_between_two_sales_and_the_self_test_follows():
    kiosk, done = made(lambda look: None), []
    kiosk.run(lambda: kiosk.teller.state == "CARD_WAIT")

    async def errand(whose):
        done.append(whose.state)

    kiosk.teller.errand = errand
    starts = kiosk.reader.starts
    kiosk.run(lambda: done and kiosk.teller.state == "CARD_WAIT")
    assert done == ["UPDATE"] and kiosk.reader.starts > starts and kiosk.teller.errand is None


def test_a_display_that_is_missing_ends_selling_and_its_return_begins_it():
    kiosk = made(lambda look: None)
    kiosk.run(lambda: kiosk.teller.state == "CARD_WAIT")
    kiosk.fault = "no answer"
    kiosk.run(lambda: kiosk.teller.state == "OUT_OF_SERVICE")
    assert kiosk.faults == [("display", "no answer")]
    kiosk.fault = ""
    kiosk.run(lambda: kiosk.teller.state == "CARD_WAIT")
