"""Sales whose answer is lost: open until their cards tell, or the host is done with them."""

from host_side import acknowledge, numbers, reports
from mp_journal import DONE, KIOSK, SALE, sell
from nor import Nor

from kiosk import resend
from kiosk.journal import OPEN_MAX, Journal
from kiosk.ring import RingFull
from protocol.wire import messages


def leave_open(journal, n):
    """A sale of card n whose answer is lost."""
    number = journal.intent(dict(SALE, uid=n.to_bytes(4, "big")))
    journal.unknown()
    return number


def remembered(journal):
    """The cards whose sale is open, oldest first."""
    return [int.from_bytes(journal.ring.read(serial)["uid"], "big") for serial in journal.open]


def test_too_many_open_sales_that_the_host_does_not_hold_end_selling():
    journal = Journal(Nor(16), KIOSK, 1)
    for n in range(OPEN_MAX):
        last = leave_open(journal, n)
    try:
        leave_open(journal, OPEN_MAX)
        raise AssertionError("one more was taken")
    except RingFull:
        pass
    assert not journal.full()  # a full journal reads no card, and only a card can settle
    assert journal.next_number() == (1, OPEN_MAX + 1)
    journal.settle(last, dict(DONE, paid=1))
    sell(journal)


def test_cards_that_never_return_make_room_once_the_host_holds_their_sales():
    device = Nor(16)
    journal = Journal(device, KIOSK, 1)
    for n in range(OPEN_MAX):
        leave_open(journal, n)
    acknowledge(journal, only=[(1, 1), (1, 3)])
    leave_open(journal, 100)
    sell(journal)
    left = [n for n in range(OPEN_MAX) if n not in (0, 2)] + [100]
    assert remembered(journal) == left
    assert journal.next_number() == (1, OPEN_MAX + 3), "who made room used no number"
    try:
        leave_open(journal, 101)
        leave_open(journal, 102)
        raise AssertionError("what the host does not hold was forgotten")
    except RingFull:
        pass
    assert remembered(Journal(device, KIOSK, 1)) == remembered(journal) == left + [101]


def test_a_payment_that_the_host_decides_closes_no_open_sale():
    """It leaves none itself."""
    device = Nor(16)
    journal = Journal(device, KIOSK, 1)
    for n in range(OPEN_MAX):
        leave_open(journal, n)
    for held in (False, True):
        if held:
            acknowledge(journal)
        for taken in (False, True):
            asked = {"uid": b"\x04accoun", "amount_fen": 300, "happened_s": 1700000000}
            journal.ask(asked)
            if taken:
                journal.taken(asked)
            else:
                journal.unknown()
        assert remembered(journal) == remembered(Journal(device, KIOSK, 1)) == list(range(OPEN_MAX))
    leave_open(journal, 100)
    assert remembered(journal) == list(range(1, OPEN_MAX)) + [100], "a sale does: the host holds it"


def test_cards_come_back_in_any_order_and_each_sale_is_settled_once_or_at_the_host():
    device = Nor(16)
    journal = Journal(device, KIOSK, 1)
    for n in range(OPEN_MAX + 20):
        leave_open(journal, n)
        acknowledge(journal)
    assert remembered(journal) == list(range(20, OPEN_MAX + 20))
    for step in range(OPEN_MAX + 20):
        n = step * 31 % (OPEN_MAX + 20)
        sale = journal.open_for(n.to_bytes(4, "big"))
        assert (sale is None) == (n < 20), n
        if sale:
            journal.settle((sale["epoch"], sale["counter"]), dict(DONE, uid=sale["uid"], paid=1))
            assert journal.open_for(sale["uid"]) is None
        if step % 10 == 0:
            journal = Journal(device, KIOSK, 1)
    assert journal.open == Journal(device, KIOSK, 1).open == []
    settled = [body for _, _, kind, body in reports(journal) if kind == messages.SETTLED]
    assert len(settled) == OPEN_MAX


def test_what_the_host_is_done_with_is_open_no_more():
    device = Nor(8)
    journal = Journal(device, KIOSK, 1)
    for n in range(4):
        leave_open(journal, n)
    acknowledge(journal)
    resend.closed(journal, 2, [[1, 4]])  # of another epoch
    assert remembered(journal) == [0, 1, 2, 3]
    resend.closed(journal, 1, [[1, 1], [3, 3], [9, 20]])
    resend.closed(journal, 1, [[1, 1]])
    assert remembered(journal) == remembered(Journal(device, KIOSK, 1)) == [1, 3]
    assert (journal.pending, journal.next_number()) == (0, (1, 5)), "that needs no report and no number"
    head = journal.ring.head
    resend.closed(journal, 1, [[1, 1], [3, 3]])
    assert journal.ring.head == head, "told again nothing is written"


def test_what_is_no_result_leaves_room_for_results():
    """However often a full ring is told that a sale is over."""
    device = Nor(6)
    journal = Journal(device, KIOSK, 1)
    lost = leave_open(journal, 7)
    while not journal.full():
        number = sell(journal)
    told = numbers(journal)
    for _ in range(500):
        if journal.spare():
            journal.close(number)
    assert journal.ring.room(journal.tail) == 64, "half the reserve"
    own = journal.settle(lost, dict(DONE, uid=(7).to_bytes(4, "big"), paid=1))
    journal = Journal(device, KIOSK, 1)
    assert numbers(journal) == told + [own] and journal.open == []
