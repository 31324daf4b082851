"""What bounds a sale without the host, rule by rule, and that a power cut loosens none."""

from host_side import acknowledge
from nor import Nor

from kiosk import offline
from kiosk.journal import Journal
from kiosk.offline import must_be_allowed
from kiosk.reading import Refused

A, B = b"\x04aaaaaa", b"\x04bbbbbb"
CONFIG = {
    "offline_total_fen": 1000,
    "offline_card_fen": 500,
    "offline_card_count": 3,
    "offline_max_age_h": 96,
}


offline.allowed.holds = lambda settings, uid, _data: uid in settings.listed


class Teller:
    """What the rules ask of a teller; its parts stand for themselves."""

    def __init__(self, device=None):
        self.device = device or Nor(8)
        self.journal = Journal(self.device, 5, 1)
        self.settings = self.link = self.age = self.purse = self
        self.config, self.list_lost, self.price_fen = dict(CONFIG), False, 100
        self.seconds = 0
        self.listed = {A, B}
        self.uid, self.data = A, b""

    def sell(self, uid, amount_fen=100):
        number = self.journal.intent(sale(uid, amount_fen))
        self.journal.done(sale(uid, amount_fen))
        return number

    def reason(self, uid=A):
        """'' when the card may pay."""
        self.uid = uid
        try:
            must_be_allowed(self)
        except Refused as refused:
            return refused.args[0]
        return ""


def sale(uid, amount_fen):
    return {"uid": uid, "issue": 1, "amount_fen": amount_fen, "tmc": 1, "tmv": b"12345678"}


def test_a_listed_card_pays_within_its_limits():
    assert Teller().reason() == ""


def test_lists_must_be_there_and_young():
    teller = Teller()
    teller.list_lost = True
    assert teller.reason() == "stale"
    teller.list_lost = False
    teller.seconds = 96 * 3600
    assert teller.reason() == ""
    teller.seconds += 1
    assert teller.reason() == "old"


def test_a_card_that_is_not_listed_waits_for_the_host():
    teller = Teller()
    teller.listed = {B}
    assert (teller.reason(A), teller.reason(B)) == ("unlisted", "")


def test_one_card_is_bounded_by_money():
    teller = Teller()
    teller.sell(A, 300)
    assert teller.reason() == ""
    teller.price_fen = 201
    assert (teller.reason(A), teller.reason(B)) == ("card_limit", "")
    teller.price_fen = 200
    assert teller.reason() == ""


def test_one_card_is_bounded_by_how_often():
    teller = Teller()
    for _ in range(3):
        assert teller.reason() == ""
        teller.sell(A, 10)
    assert (teller.reason(A), teller.reason(B)) == ("card_limit", "")


def test_all_cards_together_are_bounded():
    teller = Teller()
    for n in range(9):
        teller.sell(b"\x04ccccc%d" % n, 100)
    assert teller.reason() == ""
    teller.sell(B, 1)
    assert teller.reason() == "limit"


def test_a_sale_whose_end_nobody_knows_counts():
    teller = Teller()
    teller.journal.intent(sale(A, 450))
    teller.journal.unknown()
    assert (teller.journal.exposed_fen, teller.journal.exposed_of(A)) == (450, (450, 1))
    assert (teller.reason(A), teller.reason(B)) == ("card_limit", "")


def test_power_cuts_take_nothing_off_and_the_host_takes_off_what_it_holds():
    teller = Teller()
    for _ in range(3):
        teller.sell(A, 10)
    again = Teller(teller.device)
    assert (again.journal.exposed_fen, again.journal.exposed_of(A)) == (30, (30, 3))
    assert again.reason() == "card_limit"
    acknowledge(again.journal, (1, 2))
    assert (again.journal.exposed_fen, again.journal.exposed_of(A)) == (10, (10, 1))
    assert again.reason() == ""
