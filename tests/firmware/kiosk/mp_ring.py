"""No sale waits for an erase, when there was a moment before it in which nobody stood there."""

from host_side import acknowledge, reports
from nor import BLOCK, Nor

from kiosk.journal import Journal
from kiosk.ring import AHEAD, PER_BLOCK

SALE = {"uid": b"\x04123456", "issue": 1, "amount_fen": 100, "tmc": 1, "tmv": b"12345678"}


def sell(journal):
    journal.intent(SALE)
    journal.done(SALE)
    journal.shown()


def test_with_idle_moments_no_sale_erases_round_the_ring_online_and_offline():
    for acknowledged in (True, False):
        device = Nor(5)
        journal = Journal(device, 5, 1)
        sales = 2 * 4 * PER_BLOCK if acknowledged else 3 * PER_BLOCK // 3 - AHEAD
        for _ in range(sales):
            journal.prepare()
            before = device.erases
            sell(journal)
            if acknowledged:
                acknowledge(journal)
            assert device.erases == before
        assert device.erases >= (16 if acknowledged else 2)


def test_what_is_wanted_is_never_erased_and_a_block_is_erased_once():
    device = Nor(2)
    journal = Journal(device, 5, 1)
    while not journal.full():
        sell(journal)
        for _ in range(3):
            journal.prepare()
    assert journal.pending == len(reports(journal))
    assert device.erases <= 2
    held = Journal(Nor(2, bytearray(device.memory)), 5, 1)
    assert held.pending == journal.pending


def test_a_block_erased_ahead_is_used_after_a_restart():
    device = Nor(4)
    journal = Journal(device, 5, 1)
    while device.erases < 2:
        sell(journal)
        acknowledge(journal)
        journal.prepare()
    again = Journal(device, 5, 1)
    assert again.next_number() == journal.next_number() and again.pending == 0
    again.prepare()
    for _ in range(AHEAD):
        sell(again)
    assert again.pending == AHEAD == len(reports(Journal(device, 5, 1)))
    assert len(device.memory) == 4 * BLOCK
