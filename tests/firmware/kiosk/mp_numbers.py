"""A number counts as used once its slot may have been written, whatever the flash said."""

from nor import Nor

from kiosk.journal import Journal
from kiosk.ring import RingFull

SALE = {"uid": bytes(7), "issue": 1, "amount_fen": 1, "tmc": 7, "value_fen": 10, "happened_s": 1}


class Failing(Nor):
    """Writes, and then says that it could not."""

    fails = False

    def writeblocks(self, n, buf, offset=0):
        super().writeblocks(n, buf, offset)
        if self.fails:
            raise OSError("EIO")


def failed(call, *args):
    try:
        call(*args)
    except (OSError, RingFull):
        return True
    return False


def test_an_intent_whose_write_failed_leaves_no_number_to_use_again():
    device = Failing(8)
    journal = Journal(device, 5, 1)
    device.fails = True
    assert failed(journal.intent, SALE)
    assert journal.next_number() == (1, 2)
    device.fails = False
    assert Journal(device, 5, 1).next_number() == (1, 2), "and so it is after a restart"


def test_a_settlement_whose_write_failed_leaves_none_either():
    device = Failing(8)
    journal = Journal(device, 5, 1)
    number = journal.intent(SALE)
    journal.unknown()
    device.fails = True
    assert failed(journal.settle, number, dict(SALE, paid=0))
    assert journal.next_number() == (1, 3)
