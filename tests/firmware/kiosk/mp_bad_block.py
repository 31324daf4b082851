"""Blocks that cannot be erased or do not keep what is written are passed over; a chip that is nothing else
ends selling and loses nothing."""

from host_side import acknowledge, numbers
from nor import BLOCK, Nor

from kiosk.journal import Journal
from kiosk.ring import RingFull

SALE = {"uid": b"\x04123456", "issue": 1, "amount_fen": 100, "tmc": 1, "tmv": b"12345678"}


class Worn(Nor):
    """Some blocks: "erase" says no to that, "program" to this, "forget" keeps nothing and says nothing."""

    bad = {}
    refused = 0

    def writeblocks(self, block, data, offset=0):
        if self.bad.get(block) == "program":
            self.memory[block * BLOCK + offset] = 0  # as far as it came
            raise OSError(5)
        super().writeblocks(block, bytes(len(data)) if self.bad.get(block) == "forget" else data, offset)

    def ioctl(self, operation, argument):
        if operation == 6 and self.bad.get(argument) == "erase":
            self.refused += 1
            raise OSError(5)
        return super().ioctl(operation, argument)


def sell(journal):
    number = journal.intent(SALE)
    journal.done(SALE)
    journal.shown()
    return number


def test_the_ring_goes_on_over_bad_blocks_lap_after_lap_and_over_restarts():
    for way in ("erase", "program", "forget"):
        device = Worn(12)
        journal = Journal(device, 5, 1)
        for _ in range(70):  # what is in the blocks when they go bad
            sell(journal)
        device.bad = {0: way, 3: way, 4: way}
        for n in range(500):
            assert sell(journal) == (1, 71 + n) == numbers(journal)[-1]
            if n % 25 == 24:
                waiting = numbers(journal)
                journal = Journal(device, 5, 1)
                assert numbers(journal) == waiting and journal.next_number() == (1, 72 + n)
            if n % 30 == 29:
                acknowledge(journal)
            journal.prepare()


def test_a_bad_block_is_not_tried_again_and_again_while_nobody_comes():
    device = Worn(8)
    device.bad = {1: "erase"}
    journal = Journal(device, 5, 1)
    while journal.ring.head < 60:
        sell(journal)
    for _ in range(50):
        journal.prepare()
    assert device.refused == 1
    sell(journal)
    sell(journal)
    assert journal.ring.head // 64 == 2 and numbers(journal)[-1] == (1, journal.counter)


def test_a_block_that_fails_under_a_sale_loses_neither_intent_nor_result():
    for way in ("program", "forget"):
        device = Worn(8)
        journal = Journal(device, 5, 1)
        journal.intent(SALE)
        device.bad = {0: way}
        journal.done(SALE)
        device.bad = {0: way, 1: way}
        sell(journal)
        for found in (journal, Journal(device, 5, 1)):
            assert (numbers(found), found.pending, found.exposed_fen) == ([(1, 1), (1, 2)], 2, 200)


def test_a_chip_that_keeps_nothing_any_more_ends_selling_and_keeps_what_it_has():
    device = Worn(8)
    journal = Journal(device, 5, 1)
    sell(journal)
    device.bad = dict.fromkeys(range(8), "program")
    assert not journal.full()
    try:
        journal.intent(SALE)
        raise AssertionError("sold what nobody noted")
    except RingFull:
        pass
    assert journal.full() and journal.worn and journal.current is None
    assert numbers(journal) == numbers(Journal(device, 5, 1)) == [(1, 1)]
