"""Online payments in the journal: what is not known to be paid is reversed, whenever the power went."""

from host_side import acknowledge, reports
from nor import WAYS, Nor, cut

from kiosk.journal import Journal
from kiosk.ring import RingFull
from protocol.wire import messages, online

KIOSK = 5
ASKED = {"uid": b"\x04\x11\x22\x33\x44\x55\x66", "amount_fen": 2500, "happened_s": 1700000000}
TAKEN = dict(ASKED, value_fen=7500)


def told(journal):
    """[(number, kind)] of what is reported."""
    for _, _, kind, body in reports(journal):
        assert messages.fields(kind, body) == ASKED
    return [(number, kind) for _, number, kind, _ in reports(journal)]


def test_a_payment_under_way_is_no_report_and_taken_is_one():
    journal = Journal(Nor(8), KIOSK, 1)
    number = journal.ask(ASKED)
    assert (told(journal), number) == ([], (1, 1))
    journal.taken(TAKEN)
    assert told(journal) == [(number, online.TAKEN)]
    assert (journal.pending, journal.exposed_fen) == (1, 0)
    acknowledge(journal)
    assert (told(journal), journal.pending) == ([], 0)


def test_what_nobody_answered_is_reversed_until_the_host_holds_it():
    device = Nor(8)
    journal = Journal(device, KIOSK, 1)
    number = journal.ask(ASKED)
    journal.unknown()
    assert told(journal) == [(number, online.REVERSAL)]
    assert (journal.pending, journal.exposed_fen) == (1, 0)
    journal = Journal(device, KIOSK, 1)
    assert (told(journal), journal.untold) == ([(number, online.REVERSAL)], None)
    acknowledge(journal)
    assert (told(journal), told(Journal(device, KIOSK, 1))) == ([], [])


def test_a_customer_who_was_not_told_is_told_after_a_restart():
    device = Nor(8)
    journal = Journal(device, KIOSK, 1)
    journal.ask(ASKED)
    journal.taken(TAKEN)
    untold = Journal(device, KIOSK, 1).untold
    assert (untold["uid"], untold["value_fen"]) == (ASKED["uid"], 7500)
    journal.shown()
    assert Journal(device, KIOSK, 1).untold is None


def test_wherever_the_power_goes_the_answer_stands_or_is_reversed():
    done, seen = [], set()

    def before(at, new):
        for way in WAYS:
            again = Journal(Nor(8, cut(device.memory, at, new, way, device.operations)), KIOSK, 1)
            kinds = [kind for _, kind in told(again)]
            assert again.pending == len(kinds)
            if "taken" in done:
                assert kinds == [online.TAKEN]
            elif "asked" in done:  # nobody was shown anything yet
                assert kinds in ([online.REVERSAL], [online.TAKEN])
            else:
                assert kinds in ([], [online.REVERSAL])
            assert again.next_number() > (1, len(kinds))
            seen.add((len(done), tuple(kinds)))

    device = Nor(8, None, before)
    journal = Journal(device, KIOSK, 1)
    for name, step in (("asked", lambda: journal.ask(ASKED)), ("taken", lambda: journal.taken(TAKEN))):
        step()
        done.append(name)
    journal.shown()
    assert {(1, (online.REVERSAL,)), (1, (online.TAKEN,)), (2, (online.TAKEN,))} <= seen


def test_a_full_journal_asks_for_nothing():
    journal = Journal(Nor(4), KIOSK, 1)
    try:
        while True:
            journal.ask(ASKED)
            journal.unknown()
    except RingFull:
        assert journal.pending > 0
        return
    raise AssertionError("never full")
