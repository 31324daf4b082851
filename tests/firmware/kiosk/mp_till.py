"""Orders of tills: one at a time, the kiosk decides, and what the journal says of an order is its end."""

from nor import WAYS, Nor, cut

from kiosk import reports, till
from kiosk.journal import Journal
from net.charges import Charges
from protocol.wire import messages, online
from protocol.wire.till import CANCELLED, CARD, ENDED, EXPIRED, REFUSED, WAITING

NOW_S = 1700000000
SALE = {
    "uid": b"\x04123456",
    "issue": 1,
    "amount_fen": 1200,
    "tmc": 7,
    "value_fen": 9000,
    "happened_s": NOW_S,
}
DONE = dict(SALE, tmc=8, tmv=b"12345678", value_fen=7800)


class Teller:
    """A teller with a journal, a link and settings; said: the words to the till since it was last asked."""

    def __init__(self, device=None, now_s=NOW_S):
        self.device = device or Nor(8)
        self.journal = Journal(self.device, 5, 1)
        self.link = self.settings = self
        self.config = {"max_fen": 5000}
        self.charges = Charges({})
        self.mark, self.order, self.ended = (0, 0), None, (0, 0, 0, 0, 0, "")
        self.line = self.listening = self.open_line = None
        self.already = False
        self.state, self.reason, self.sale_number, self.now_s = "CARD_WAIT", "", (0, 0), now_s

    def clock(self):
        return self.now_s

    def ask(self, order=3, amount_fen=1200, cancel=0, lasts_s=60):
        deadline_s = NOW_S + lasts_s
        self.charges.ask(
            {"order": order, "amount_fen": amount_fen, "deadline_s": deadline_s, "cancel": cancel}
        )
        till.choose(self)
        return self.said()

    def said(self):
        words, self.charges.said = self.charges.said, []
        return [(one["order"], one["outcome"], one["reason"]) for one in words]

    def tap(self, state, event, reason=""):
        """What the session would do: the event of a state, told to the till's order if there is one."""
        self.state, self.reason = state, reason
        if self.order:
            till.note(self, event)
        return self.said()

    def sell(self, ends=True):
        mark = {"ref_epoch": self.mark[0], "ref_counter": self.mark[1]}
        self.sale_number = self.journal.intent(dict(SALE, **mark))
        if ends:
            self.journal.done(dict(DONE, **mark))
        else:
            self.journal.unknown()


def test_an_order_is_served_and_its_sale_names_it():
    teller = Teller()
    assert teller.ask() == [(3, WAITING, "")]
    assert (teller.price_fen, teller.mark) == (1200, (0, 3))
    assert teller.tap("CARD_WAIT", "card") == [(3, CARD, "")]
    teller.sell()
    assert teller.tap("COMMIT", "done") == [], "the host's verdict may still say no"
    assert teller.tap("VERDICT", "approved") == [(3, ENDED, "")]
    assert teller.ended == (0, 3, ENDED, 1, 1, "") and teller.order is None
    till.choose(teller)
    assert (teller.price_fen, teller.mark) == (0, (0, 0))
    _, _, kind, body = teller.journal.next_report(0)
    assert (kind, messages.fields(kind, body)) == (messages.SALE, dict(DONE, order=3))
    assert teller.ask() == [(3, ENDED, "")], "asked again it is told again, and not served again"
    assert teller.order is None


def test_after_a_restart_the_journal_says_how_it_ended():
    for ends in (True, False):
        teller = Teller()
        teller.ask()
        teller.sell(ends)
        again = Teller(teller.device)
        told = [(3, ENDED, "silent" if ends else "again")]
        assert again.ask() == told and again.order is None
        assert again.ask(cancel=1) == told, "a cancel comes too late"
    again = Teller(teller.device)
    assert again.ask(4) == [(4, WAITING, "")]


def test_a_payment_asked_for_and_not_taken_leaves_it_open():
    teller = Teller()
    teller.ask()
    teller.journal.ask(dict(SALE, ref_counter=3))
    teller.journal.unknown()
    _, _, kind, body = teller.journal.next_report(0)
    assert (kind, messages.fields(kind, body)["order"]) == (online.REVERSAL, 3)
    assert Teller(teller.device).ask() == [(3, WAITING, "")]


def test_one_order_at_a_time():
    teller = Teller()
    teller.ask()
    assert teller.ask(4, 1300) == [(4, REFUSED, "busy")]
    assert teller.price_fen == 1200
    assert teller.ask() == [(3, WAITING, "")], "the one that is served goes on"


def test_a_cancel_is_decided_here():
    teller = Teller()
    assert teller.ask(cancel=1) == [(3, CANCELLED, "")], "never heard of: nothing will be taken"
    assert teller.ask() == [(3, CANCELLED, "")]
    assert teller.ask(4) == [(4, WAITING, "")]
    assert not till.look(teller)
    teller.charges.ask({"order": 4, "amount_fen": 1200, "deadline_s": NOW_S + 60, "cancel": 1})
    assert till.look(teller), "whoever waits for a card with this order lets go"
    assert teller.said() == [(4, CANCELLED, "")]


def test_a_deadline_is_the_end_also_of_one_that_comes_too_late():
    teller = Teller()
    teller.ask()
    teller.now_s = NOW_S + 59
    assert not till.look(teller)
    teller.now_s = NOW_S + 60
    assert till.look(teller) and teller.said() == [(3, EXPIRED, "")]
    assert teller.ask(4) == [(4, EXPIRED, "")] and teller.order is None


def test_what_the_next_tap_may_cure_leaves_it_waiting():
    teller = Teller()
    teller.ask()
    for state, event, reason in (
        ("CARD_AUTH", "refused", "early"),
        ("ASK", "refused", "silent"),
        ("CARD_AUTH", "unsettled", "again"),
        ("CARD_AUTH", "unpaid", "unpaid"),
    ):
        assert teller.tap(state, event, reason) == [(3, WAITING, reason)]
    assert teller.tap("CARD_AUTH", "settled") == [(3, WAITING, "already")]
    assert teller.tap("CARD_WAIT", "fault") == [(3, WAITING, "reader")]
    assert teller.ask() == [(3, WAITING, "reader")]


def test_any_other_refusal_ends_it():
    for reason in ("low", "hot", "foreign", "limit", "unlisted"):
        teller = Teller()
        teller.ask()
        assert teller.tap("CARD_AUTH", "refused", reason) == [(3, REFUSED, reason)]
        assert teller.tap("CARD_AUTH", "refused", reason) == [], "it is over"


def test_an_unknown_commit_ends_it_with_the_number_that_will_tell():
    teller = Teller()
    teller.ask()
    teller.sell(ends=False)
    assert teller.tap("COMMIT", "unknown") == [(3, ENDED, "again")]
    assert teller.ended[3:5] == (1, 1)
    _, _, kind, body = teller.journal.next_report(0)
    assert (kind, messages.fields(kind, body)["order"]) == (messages.UNSETTLED, 3)


def test_a_verdict_ends_it_but_not_one_about_an_earlier_sale():
    for event, expected in (("unheard", (3, ENDED, "again")), ("rejected", (3, REFUSED, "forged"))):
        teller = Teller()
        teller.ask()
        teller.already = True
        assert teller.tap("VERDICT", event) == [] and teller.order
        teller.already = False
        assert teller.tap("VERDICT", event) == [expected]


def test_too_much_is_refused():
    assert Teller().ask(amount_fen=5001) == [(3, REFUSED, "limit")]


def test_a_sale_for_an_order_of_the_serial_line_tells_the_host_of_none():
    values = dict(DONE, kind=2, ref_epoch=till.LINE, ref_counter=9, paid=0)
    assert "order" not in messages.fields(messages.SALE, reports.body(values))
    values = dict(DONE, kind=3, ref_epoch=0, ref_counter=9, paid=1)
    assert "order" not in messages.fields(messages.SETTLED, reports.body(values)), "it names the sale"


def test_words_that_cannot_be_sent_or_taken_do_not_pile_up():
    charges = Charges({})
    for order in range(20):
        charges.ask({"order": order})
        charges.say(order, WAITING, 0, 0, "")
    assert [one["order"] for one in charges.asked] == list(range(12, 20))
    assert [one["order"] for one in charges.said] == list(range(12, 20))


def sold(operation=0, way=""):
    """A sale for order 3 during whose flash operation the power goes -> (the flash then or None, operations
    until its intent stands, all operations)."""
    left = []

    def before(at, new):
        if device.operations == operation:
            left.append(cut(device.memory, at, new, way, operation))

    device = Nor(8)
    teller = Teller(device)
    teller.ask()
    device.before = before
    mark = {"ref_epoch": teller.mark[0], "ref_counter": teller.mark[1]}
    teller.sale_number = teller.journal.intent(dict(SALE, **mark))
    intended = device.operations
    teller.journal.done(dict(DONE, **mark))
    teller.tap("VERDICT", "approved")
    teller.journal.shown()
    return (left[0] if left else None), intended, device.operations


def test_whenever_the_power_goes_an_order_is_served_again_or_its_sale_is_known():
    """At each flash operation of the sale, in four ways: what may have been paid is never offered anew."""
    _, intended, operations = sold()
    assert 0 < intended < operations
    for operation in range(1, operations + 1):
        for way in WAYS:
            left, _, _ = sold(operation, way)
            again = Teller(Nor(8, left))
            ((order, outcome, reason),) = again.ask()
            known = again.journal.next_report(0)
            assert order == 3 and (outcome == ENDED) == (known is not None), (operation, way)
            assert operation <= intended or outcome == ENDED, "the card commits once the intent stands"
            untold = "silent" if again.journal.untold else ""
            words = {messages.UNSETTLED: "again", messages.SALE: untold}
            assert reason == words.get(known and known[2], "")
            if known:
                assert messages.fields(known[2], known[3])["order"] == 3
