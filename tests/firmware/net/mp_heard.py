"""Who takes what the host says, what waits for a pause, what counts when nobody has time; what the host
says of sales that are over goes into the journal."""

MICROPYTHON_ONLY = True

import asyncio

from linked import ack as heard_ack
from linked import down, hear, listening

from net import heard
from protocol.wire import faults, messages, online, resend

WELCOME = {"epoch": 4, "now_s": 1_700_000_000, "hotlist": 0, "allowed": 7}


def take(link, kind, **values):
    heard.take(link, kind, values, {}, b"whole")


def ack(link, verdicts=(), epoch=1):
    take(link, messages.ACK, epoch=epoch, upto=0, ranges=[], verdicts=list(verdicts))


def test_only_the_newest_verdicts_are_kept_and_with_their_epoch():
    link = listening()
    for counter in range(1, heard.KEPT + 3):
        ack(link, [[counter, messages.REFUSED, 0]])
    assert len(link.verdicts) == heard.KEPT
    assert link.verdicts[0] == ((1, 3), messages.REFUSED)
    ack(link, [[n, n % 2, 0] for n in range(20, 40)], epoch=2)
    assert [number for number, _ in link.verdicts] == [(2, n) for n in range(32, 40)]
    ack(link)
    assert len(link.verdicts) == heard.KEPT, "an answer without verdicts takes none away"


def test_a_welcome_while_a_card_is_served_brings_the_line_and_asks_for_lists_later():
    link = listening()
    link.store.full, link.store.fresh = True, False
    take(link, messages.WELCOME, **WELCOME)
    assert link.online and link.journal.begun == [4] and link.clock == [1_700_000_000]
    assert link.ask_again and not link.store.fresh, "files were not looked at"
    link.store.full = False
    take(link, messages.WELCOME, **WELCOME)
    assert not link.ask_again and link.store.fresh and link.age.compared == 1


def test_what_is_to_be_kept_and_finds_no_room_is_asked_for_again():
    link = listening()
    link.store.full = True
    for kind in (messages.CONFIG, messages.HOTLIST, messages.ALLOWED):
        link.ask_again = False
        take(link, kind)
        assert link.ask_again and link.settings.taken == []
    link.store.full, link.ask_again = False, False
    take(link, messages.CONFIG)
    assert link.settings.taken == [(messages.CONFIG, b"whole")] and link.confirm and not link.ask_again


def test_what_the_settings_do_not_take_is_not_confirmed():
    link = listening()
    link.settings.take = lambda _kind, _body, _message: False
    take(link, messages.CONFIG)
    assert not link.confirm and link.age.compared == 1


def test_a_taker_has_its_kind_alone_and_nothing_of_it_is_kept_twice():
    link, got = listening(), []
    link.takers[messages.CONFIG] = lambda kind, values: got.append((kind, values))
    take(link, messages.CONFIG, version=3)
    assert got == [(messages.CONFIG, {"version": 3})] and link.settings.taken == []
    take(link, messages.HOTLIST, version=4)
    assert len(got) == 1 and [kind for kind, _ in link.settings.taken] == [messages.HOTLIST]


def test_a_taker_of_the_welcome_hears_it_and_the_link_too():
    link, got = listening(), []
    link.takers[messages.WELCOME] = lambda kind, values: got.append(values["epoch"])
    take(link, messages.WELCOME, **WELCOME)
    assert got == [4] and link.online


def test_a_configuration_on_trial_is_told_of_every_word_of_the_host():
    link, told = listening(), []
    link.settings.heard = told.append
    ack(link)
    assert told == [], "none is on trial"
    link.settings.trying = True
    ack(link)
    take(link, faults.NOTED, fault=b"12345678")
    assert len(told) == 2 and link.store.noted == [b"12345678"]


def test_a_request_for_missing_reports_reaches_the_outbox():
    link, asked = listening(), []
    link.outbox.asked = asked.append
    take(link, resend.RESEND, epoch=1, missing=[[2, 3]])
    assert asked == [{"epoch": 1, "missing": [[2, 3]]}]


def test_a_word_counts_for_the_open_request_alone():
    link = listening()
    for request in (b"", b"request7"):
        heard.word(link, online.DECISION, {"request": request})
    assert link.words == [], "none is open"
    link.request = b"request7"
    for request in (b"request6", b"request7", b"", b"request"):
        heard.word(link, online.DECISION, {"request": request})
    assert link.words == [(online.DECISION, {"request": b"request7"})]


def test_what_the_host_called_forged_is_noted_in_flash():
    made = listening()
    hear(made, heard_ack(7, 2, verdicts=[[1, messages.FLAGGED, 100], [2, messages.BAD_TMV, 0]]))
    assert made.journal.closed == [(1, 2)]
    made.journal.filled = True
    hear(made, heard_ack(8, 3, verdicts=[[3, messages.BAD_TMV, 0]]))
    assert made.journal.closed == [(1, 2)], "what is left of the ring is for sales"
    assert made.verdicts[-1] == ((1, 3), messages.BAD_TMV), "who waits for it is told all the same"


def test_open_sales_are_counted_for_the_host_and_closed_by_it():
    made = listening()
    made.journal.open, made.journal.ring = [0, 2], made.journal
    asyncio.run(made._hello())
    _, kind, said = made._client.sent[-1]
    assert (kind, messages.fields(kind, said)["open"]) == (messages.HELLO, 2)
    made.store.full = True  # a card is served
    hear(made, down(7, resend.CLOSED, epoch=1, sales=[[1, 1], [3, 9]]))
    assert made.journal.closed == []
    made.store.full = False
    hear(made, down(8, resend.CLOSED, epoch=1, sales=[[1, 1], [3, 9]]))
    assert made.journal.closed == [(1, 1), (1, 3)]
