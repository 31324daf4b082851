"""What memory knows of the journal's slots: the same while it runs as after any restart."""

from nor import Nor

from kiosk.journal import Journal

UID, OTHER = b"\x04\x11\x22\x33\x44\x55\x66", b"\x04\x99\x22\x33\x44\x55\x66"
SALE = {"uid": UID, "issue": 1, "amount_fen": 2500, "tmc": 7, "value_fen": 10_000, "happened_s": 1_700_000}


def known(book):
    """All that it answers about its slots."""
    asked = range(book.tail, book.ring.head)
    return {
        "wanted": [serial for serial in asked if book.wanted.holds(serial)],
        "numbers": (book.epoch, book.counter),
        "open": book.open,
        "untold": book.untold and book.untold["counter"],
        "exposed": (book.exposed_fen, book.exposed_of(UID), book.exposed_of(OTHER)),
        "paid last": book.last_uid,
        "pending": book.pending,
    }


class Days:
    """A journal, and a second one of the same flash after each act."""

    def __init__(self):
        self.device = Nor(8)
        self.book = Journal(self.device, 5, 1)

    def same(self):
        found = known(Journal(self.device, 5, 1))
        assert found == known(self.book), (found, known(self.book))
        return found

    def sale(self, uid=UID, amount_fen=2500):
        self.book.intent(dict(SALE, uid=uid, amount_fen=amount_fen))
        self.book.done(dict(SALE, uid=uid, amount_fen=amount_fen, tmc=8, tmv=b"12345678"))

    def lost(self, uid=UID):
        number = self.book.intent(dict(SALE, uid=uid))
        self.book.unknown()
        return number


def test_a_restart_knows_what_was_known():
    days = Days()
    assert days.same()["pending"] == 0
    days.sale()
    assert days.same()["untold"] == 1
    days.book.shown()
    assert days.same()["untold"] is None
    number = days.lost(OTHER)
    assert days.same()["open"] == [3]
    days.sale(amount_fen=100)
    found = days.same()
    assert found["exposed"] == (5100, (2600, 2), (2500, 1)) and found["paid last"] == UID
    days.book.settle(number, dict(SALE, uid=OTHER, tmc=8, tmv=b"12345678", paid=1))
    found = days.same()
    assert found["open"] == [] and found["paid last"] == OTHER and found["numbers"] == (1, 4)


def test_what_the_host_decided_exposes_nothing():
    days = Days()
    asked = {"uid": UID, "amount_fen": 2500, "happened_s": 1_700_000_000}
    days.book.ask(asked)
    days.book.taken(dict(asked, value_fen=900))
    found = days.same()
    assert found["exposed"] == (0, (0, 0), (0, 0)) and found["pending"] == 1


def test_a_sale_under_way_is_no_report_yet_and_open_to_nobody():
    days = Days()
    days.book.intent(SALE)
    assert days.book.pending == 0 and days.book.next_report(0) is None
    assert days.book.open_for(UID) is None
    after = Journal(days.device, 5, 1)  # the power went
    assert after.pending == 1 and after.open_for(UID)["counter"] == 1


def test_the_oldest_open_sale_of_this_card_is_found_first():
    days = Days()
    first, second, other = days.lost(), days.lost(), days.lost(OTHER)
    for number, uid in ((first, UID), (other, OTHER)):
        found = days.book.open_for(uid)
        assert (found["epoch"], found["counter"]) == number
    days.book.settle(first, dict(SALE, paid=0))
    assert days.book.open_for(UID)["counter"] == second[1]
    assert days.book.open_for(b"\x04nobody") is None


def test_a_number_that_is_wanted_again_counts_once():
    days = Days()
    days.sale()
    days.book.shown()
    slot = days.book.next_report(0)[0]
    days.book.acknowledged([slot])
    assert (days.book.pending, days.book.exposed_fen) == (0, 0)
    days.book.acknowledged([slot])
    for _ in range(2):
        days.book.want_again(slot)
        assert (days.book.pending, days.book.exposed_fen) == (1, 2500)
    assert days.book.next_report(0)[0] == slot


def test_a_report_that_cannot_be_told_silences_no_other():
    days = Days()
    days.book.intent(dict(SALE, amount_fen=0))  # no such sale
    days.book.unknown()
    days.sale()
    _, number, _, _ = days.book.next_report(0)
    assert number == (1, 2)


def test_the_slots_of_another_kiosk_are_known_as_such():
    days = Days()
    days.sale()
    assert not days.book.foreign and not Journal(days.device, 5, 1).foreign
    assert Journal(days.device, 6, 1).foreign
