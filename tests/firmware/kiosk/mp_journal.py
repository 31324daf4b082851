"""The journal: numbers never repeat, nothing that was approved is lost, whenever the power goes."""

from host_side import acknowledge, numbers, reports
from nor import Nor

from kiosk.journal import Journal
from kiosk.ring import RingFull
from protocol.wire import messages

KIOSK = 5
SALE = {
    "uid": b"\x04\x11\x22\x33\x44\x55\x66",
    "issue": 1,
    "amount_fen": 2500,
    "tmc": 7,
    "value_fen": 10000,
    "happened_s": 1700000000,
}
DONE = dict(SALE, tmc=8, tmv=b"12345678", value_fen=7500)


def sell(journal):
    number = journal.intent(SALE)
    journal.done(DONE)
    journal.shown()
    return number


def test_a_sale_is_reported_until_the_host_acknowledges_it():
    device = Nor(8)
    journal = Journal(device, KIOSK, 3)
    assert sell(journal) == (3, 1)
    assert sell(journal) == (3, 2)
    journal = Journal(device, KIOSK, 3)  # a restart
    assert numbers(journal) == [(3, 1), (3, 2)]
    assert (journal.pending, journal.exposed_fen) == (2, 5000)
    _, _, kind, body = journal.next_report(0)
    assert kind == messages.SALE
    assert messages.fields(kind, body) == DONE
    acknowledge(journal, (3, 1))
    assert numbers(journal) == [(3, 2)]
    acknowledge(journal, (3, 2))
    assert (numbers(journal), journal.pending, journal.exposed_fen) == ([], 0, 0)
    journal = Journal(device, KIOSK, 3)
    assert (numbers(journal), journal.pending, journal.next_number()) == ([], 0, (3, 3))


def test_acknowledgement_out_of_order_leaves_the_missing_number():
    journal = Journal(Nor(8), KIOSK, 1)
    for _ in range(6):
        sell(journal)
    acknowledge(journal, (1, 1), [(1, 3), (1, 4), (1, 6)])
    assert numbers(journal) == [(1, 2), (1, 5)]
    assert journal.pending == 2


def test_an_unanswered_commit_is_reported_and_then_settled_under_its_own_number():
    device = Nor(8)
    journal = Journal(device, KIOSK, 1)
    number = journal.intent(SALE)
    assert numbers(journal) == []  # under way: no report yet
    journal.unknown()
    journal = Journal(device, KIOSK, 1)
    [(_, reported, kind, body)] = reports(journal)
    assert (reported, kind) == (number, messages.UNSETTLED)
    assert messages.fields(kind, body) == SALE
    assert journal.open_for(b"other") is None
    assert journal.open_for(SALE["uid"])["counter"] == number[1]
    acknowledge(journal, (1, 1))
    assert journal.open_for(SALE["uid"]) is not None  # the host knows, the card was not asked yet
    journal.settle(number, dict(DONE, paid=1))
    [(_, reported, kind, body)] = reports(journal)
    values = messages.fields(kind, body)
    assert (reported, kind) == ((1, 2), messages.SETTLED)
    assert (values["ref_epoch"], values["ref_counter"], values["paid"], values["tmv"]) == (
        1,
        1,
        1,
        DONE["tmv"],
    )
    journal = Journal(device, KIOSK, 1)
    assert journal.open == []


def test_power_gone_between_intent_and_result_is_an_unsettled_sale():
    device = Nor(8)
    Journal(device, KIOSK, 1).intent(SALE)
    journal = Journal(device, KIOSK, 1)
    assert [kind for _, _, kind, _ in reports(journal)] == [messages.UNSETTLED]


def test_a_new_epoch_starts_at_one_and_survives_a_restart():
    device = Nor(8)
    journal = Journal(device, KIOSK, 1)
    sell(journal)
    journal.begin_epoch(4)
    assert sell(journal) == (4, 1)
    journal.begin_epoch(2)  # an old one is ignored
    journal = Journal(device, KIOSK, 1)
    assert journal.next_number() == (4, 2)
    assert numbers(journal) == [(1, 1), (4, 1)]
    acknowledge(journal, only=[(4, 1)])
    assert (numbers(journal), journal.pending) == ([(1, 1)], 1)
    journal = Journal(device, KIOSK, 1)  # what was acknowledged out of order is told again
    assert (numbers(journal), journal.next_number()) == ([(1, 1), (4, 1)], (4, 2))


def test_a_full_journal_refuses_sales_and_loses_nothing():
    device = Nor(8)
    journal = Journal(device, KIOSK, 1)
    sold = 0
    try:
        while True:
            sell(journal)
            sold += 1
    except RingFull:
        pass
    assert journal.full()
    assert journal.pending == sold == len(numbers(Journal(device, KIOSK, 1)))
    acknowledge(journal)
    assert not journal.full()
    assert sell(journal) == (1, sold + 1)


def test_a_card_that_never_returns_does_not_block_the_ring():
    device = Nor(8)
    journal = Journal(device, KIOSK, 1)
    lost = journal.intent(SALE)
    journal.unknown()
    for _ in range(600):
        sell(journal)
        acknowledge(journal)
    for found in (journal, Journal(device, KIOSK, 1)):
        sale = found.open_for(SALE["uid"])
        assert (len(found.open), (sale["epoch"], sale["counter"])) == (1, lost)
    journal = Journal(device, KIOSK, 1)
    assert (journal.pending, journal.next_number()) == (0, (1, 602))


def test_a_settlement_does_not_swallow_the_report_before_it():
    device = Nor(8)
    journal = Journal(device, KIOSK, 1)
    number = journal.intent(SALE)
    journal.unknown()
    assert journal.settle(number, dict(DONE, paid=1)) == (1, 2)
    for found in (journal, Journal(device, KIOSK, 1)):
        assert [kind for _, _, kind, _ in reports(found)] == [messages.UNSETTLED, messages.SETTLED]
        assert found.pending == 2
    acknowledge(journal, (1, 2))
    assert (numbers(journal), journal.pending) == ([], 0)


def test_what_cards_may_have_lost_counts_as_exposure_until_the_host_has_it():
    journal = Journal(Nor(8), KIOSK, 1)
    journal.intent(SALE)
    assert journal.exposed_fen == 2500
    journal.unknown()
    assert journal.exposed_fen == 2500
    sell(journal)
    assert journal.exposed_fen == 5000
    acknowledge(journal, only=[(1, 2)])
    assert journal.exposed_fen == 2500
    acknowledge(journal, (1, 2))
    assert journal.exposed_fen == 0


def test_a_customer_who_was_not_told_is_remembered_over_a_restart():
    device = Nor(8)
    journal = Journal(device, KIOSK, 1)
    number = journal.intent(SALE)
    journal.done(DONE)
    acknowledge(journal, (1, 1))  # the host was quicker than the screen
    for found in (journal, Journal(device, KIOSK, 1)):
        untold = found.untold
        assert (untold["uid"], untold["tmc"]) == (SALE["uid"], DONE["tmc"])
        assert (untold["epoch"], untold["counter"]) == number
    journal = Journal(device, KIOSK, 1)
    journal.shown()
    assert journal.untold is None
    journal = Journal(device, KIOSK, 1)
    assert (journal.untold, journal.pending, journal.last_uid) == (None, 1, SALE["uid"])
    acknowledge(journal)
    journal = Journal(device, KIOSK, 1)
    assert (journal.untold, journal.pending, journal.last_uid) == (None, 0, SALE["uid"])


def test_another_kiosks_journal_is_told_apart():
    device = Nor(8)
    sell(Journal(device, KIOSK, 1))
    assert not Journal(device, KIOSK, 1).foreign
    assert Journal(device, KIOSK + 1, 1).foreign


def test_acknowledgements_that_free_nothing_do_not_fill_the_ring():
    device = Nor(6)
    journal = Journal(device, KIOSK, 1)
    while not journal.full():
        sell(journal)
    sold = journal.pending
    for n in range(3, sold + 1):  # never number 1 and 2
        acknowledge(journal, only=[(1, n)])
    journal = Journal(device, KIOSK, 1)
    assert numbers(journal)[:2] == [(1, 1), (1, 2)]
