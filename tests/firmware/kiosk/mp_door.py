"""A pass at the door: in flash before it is asked, taken before it opens, reversed where nothing came."""

MICROPYTHON_ONLY = True

import asyncio

from mp_ask import decision, step, teller

from drivers.pn532 import CardGone, ReaderFault
from kiosk.door import VISIT, enter
from protocol.wire import online


def entered(words=(), card=None, full=False):
    made = teller(words, card, full)
    taken = []
    made.journal.taken = taken.append
    made.entry = None
    event = asyncio.run(enter(made))
    return made, event, taken


def opened(**more):
    kind, values = decision(amount_fen=0, balance_fen=0)
    return kind, dict(values, **more)


def test_the_host_opens_and_says_what_is_left():
    made, event, taken = entered([step(1, b"a1"), opened(left=4)], [b"r1"])
    assert event == "entered" and made.entry["left"] == 4
    assert [one["amount_fen"] for one in taken] == [VISIT]
    asked = made.said[0]
    assert (asked[0], asked[1], asked[2]["wants"]) == (online.ASK, 7, online.ENTER)
    assert entered([opened(until_s=1800000000)])[0].entry["until_s"] == 1800000000


def test_a_no_and_no_answer_open_nothing_and_are_reversed():
    for words, reason in (
        ([decision(online.REFUSED, reason="used")], "used"),
        ([decision(online.REFUSED, reason="no_pass")], "no_pass"),
        ([decision(online.REFUSED, reason="unknown")], "foreign"),
        ([decision(online.REFUSED, reason="a word of tomorrow")], "desk"),
    ):
        made, event, taken = entered(words)
        assert (event, made.reason, taken) == ("refused", reason, [])
        assert made.journal.noted[-1] == "unknown"


def test_a_card_that_leaves_and_a_reader_that_fails():
    made, event, taken = entered([step(1, b"a1")], [CardGone("gone")])
    assert (event, made.reason, taken) == ("refused", "early", [])
    assert "may return" in made.journal.noted
    try:
        entered([step(1, b"a1")], [ReaderFault("silent")])
        raise AssertionError("a fault of the reader is the session's")
    except ReaderFault:
        pass


def test_a_full_journal_asks_nobody():
    made, event, _ = entered([opened()], full=True)
    assert (event, made.reason, made.said) == ("refused", "full", [])
