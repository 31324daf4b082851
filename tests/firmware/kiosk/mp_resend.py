"""A host that misses numbers gets every report that is still in the ring, and is told of each that is not."""

import asyncio

from host_side import acknowledge, numbers, reports
from nor import Nor

from hal import duty
from kiosk.journal import Journal
from net.outbox import WINDOW, Outbox
from protocol.wire import cbor, messages, resend

MICROPYTHON_ONLY = True  # asyncio.sleep_ms, ticks
U32 = 0xFFFF_FFFF
SALE = {
    "uid": b"\x04123456",
    "issue": 1,
    "amount_fen": 100,
    "tmc": 1,
    "tmv": b"12345678",
    "value_fen": 9,
    "happened_s": 7,
}


def sell(journal, sales=1, held=True):
    for _ in range(sales):
        journal.intent(SALE)
        journal.done(SALE)
        journal.shown()
        if held:
            acknowledge(journal)


def again(journal, epoch, missing):
    return asyncio.run(journal.again(epoch, missing))


def counters(ranges):
    return [counter for first, last in ranges for counter in range(first, last + 1)]


def test_what_is_in_the_ring_is_reported_again_as_it_was():
    device = Nor(8)
    journal = Journal(device, 5, 1)
    sell(journal, 20, held=False)
    before = [report[1:] for report in reports(journal)]
    acknowledge(journal)
    assert (again(journal, 1, [[3, 6], [9, 9]]), journal.pending) == ([], 5)
    for found in (journal, Journal(device, 5, 1)):
        told = [report[1:] for report in reports(found)]
        assert [one for one in before if one[0][1] in (3, 4, 5, 6, 9)] == [
            one for one in told if one[0][1] in (3, 4, 5, 6, 9)
        ]
        assert found.exposed_fen == 100 * len(told)
    assert numbers(journal) == [(1, 3), (1, 4), (1, 5), (1, 6), (1, 9)]
    acknowledge(journal)
    assert (journal.pending, journal.exposed_fen, numbers(Journal(device, 5, 1))) == (0, 0, [])


def test_a_long_look_is_no_hang():
    journal = Journal(Nor(8), 5, 1)
    sell(journal, 60)
    duty.absent[:] = ["nfc", "sync"]
    again(journal, 1, [[1, 1]])
    assert duty.absent == ["nfc"]


def test_what_was_overwritten_is_gone_and_nothing_is_both():
    journal = Journal(Nor(6), 5, 1)
    sell(journal, 150)
    gone = again(journal, 1, [[1, 90], [95, 160]])
    told = [counter for _, counter in numbers(journal)]
    asked = list(range(1, 91)) + list(range(95, 151))
    assert len(gone) == 1 and counters(gone) + told == asked
    assert told[-1] == 150 and len(told) > 50
    while journal.full():  # nothing that was asked for is overwritten by a sale
        acknowledge(journal, only=numbers(journal)[:5])
    sell(journal)


def test_a_sale_whose_end_nobody_knows_is_asked_for_as_one():
    device = Nor(6)
    journal = Journal(device, 5, 1)
    journal.intent(SALE)
    journal.unknown()
    acknowledge(journal)
    sell(journal, 130)  # so long that it was written anew
    assert (again(journal, 1, [[1, 2]]), numbers(journal)) == ([[2, 2]], [(1, 1)])
    assert reports(journal)[0][2] == messages.UNSETTLED
    acknowledge(journal)
    assert journal.open_for(SALE["uid"])["counter"] == 1
    journal.settle((1, 1), dict(SALE, paid=1))
    acknowledge(journal)
    again(journal, 1, [[132, 132]])
    assert [report[2] for report in reports(journal)] == [messages.SETTLED]


def test_the_sale_under_way_is_neither_told_nor_gone():
    journal = Journal(Nor(6), 5, 1)
    sell(journal, 3)
    journal.intent(SALE)
    assert (again(journal, 1, [[3, 4]]), numbers(journal)) == ([], [(1, 3)])
    journal.done(SALE)
    assert numbers(journal) == [(1, 3), (1, 4)]


def test_of_a_past_epoch_the_end_is_not_known():
    journal = Journal(Nor(8), 5, 1)
    sell(journal, 6)
    journal.begin_epoch(4)
    sell(journal, 2)
    assert (again(journal, 1, [[5, U32]]), numbers(journal)) == ([], [(1, 5), (1, 6)])
    acknowledge(journal)
    assert (again(journal, 1, [[6, 8]]), numbers(journal)) == ([[7, 8]], [(1, 6)])  # a gap that was named
    assert again(journal, 2, [[1, U32]]) == []  # never ours, and nobody knows of a number of it
    assert again(journal, 3, [[2, 3]]) == [[2, 3]]
    assert again(journal, 4, [[2, U32]]) == []
    assert again(journal, 5, [[1, 9]]) == []  # has not begun
    assert numbers(journal) == [(1, 6), (4, 2)]


def told(message):
    """(epoch, [(counter, kind)]) of a message of the outbox."""
    (epoch, counter), content = message
    if counter:
        return epoch, [(counter, cbor.decode(b"\x82" + content)[0])]
    _, body = cbor.decode(b"\x82" + content)
    return epoch, [(record[0], record[1]) for record in body[1]]


def test_absent_numbers_go_out_after_the_reports_until_they_are_acknowledged():
    async def run():
        journal = Journal(Nor(8), 5, 1)
        sell(journal, 4)
        journal.counter += WINDOW  # numbers that were used and have no slot
        outbox = Outbox(journal)
        assert await outbox.next() is None
        outbox.asked({"epoch": 1, "missing": [[2, 3], [5, 4 + WINDOW]]})
        epoch, first = told(await outbox.next())
        begins = [(2, messages.SALE), (3, messages.SALE), (5, resend.ABSENT)]
        assert (epoch, first[:3]) == (1, begins)
        assert (len(first), await outbox.next()) == (WINDOW, None)
        outbox.acknowledged(1, 5, [], [6])
        assert journal.pending == 0
        assert told(await outbox.next()) == (1, [(3 + WINDOW, resend.ABSENT), (4 + WINDOW, resend.ABSENT)])
        outbox.acknowledged(1, 100, [], [])
        assert (outbox.sent, await outbox.next()) == ({}, None)

    asyncio.run(run())


def test_a_host_that_asks_again_and_again_takes_no_memory():
    async def run():
        journal = Journal(Nor(8), 5, 1)
        journal.counter = 7 + 2 * WINDOW
        outbox = Outbox(journal)
        for _ in range(50):
            outbox.asked({"epoch": 1, "missing": [[7, 6 + 2 * WINDOW]]})
            outbox.asked({"epoch": 1, "missing": [[7, 7 + 2 * WINDOW]]})
            await outbox.next()
            assert (len(outbox._asked), len(outbox._absent)) in ((0, 1), (0, 0)), outbox._absent
        return outbox.sent

    assert len(asyncio.run(run())) == WINDOW


def test_an_absence_whose_answer_was_lost_is_told_again():
    async def run():
        journal = Journal(Nor(8), 5, 1)
        journal.counter = 7
        outbox = Outbox(journal)
        outbox.asked({"epoch": 1, "missing": [[7, 7]]})
        first = await outbox.next()
        assert told(first) == (1, [(7, resend.ABSENT)])
        assert await outbox.next() is None
        outbox.sent = {number: (slot, at - 60_000) for number, (slot, at) in outbox.sent.items()}
        assert await outbox.next() == first

    asyncio.run(run())
