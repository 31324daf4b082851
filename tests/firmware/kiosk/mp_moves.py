"""What a card is told that nobody charges: movements of its own log or of the host, balance and greeting."""

MICROPYTHON_ONLY = True

import asyncio

from mp_ask import decision, step, teller

from drivers.pn532 import CardGone
from kiosk import moves, screens_told
from protocol.card import layout
from protocol.wire import online
from protocol.wire.greeting import MOVES

ROWS = [[1700000000, -1250], [1699990000, 5000]]


def told(words=(), card=None, kind=online.ACCOUNT):
    made = teller(words, card)
    made.card, made.purse, made.shown, made.sale_number = kind, None, [], (0, 0)
    made.language, made.config["utc_offset_min"], made.config["verdict_wait_ms"] = "zh", 480, 30
    made.shown_fen = 4200 if kind == online.PURSE else None
    made.sak, made.journal.pending, made.masters = 0x20, 0, {"read": {}}

    class Front:
        @staticmethod
        def show(items):
            made.shown.append(items)

        @staticmethod
        async def drawn():
            pass

    made.front = Front
    return made


def test_the_host_tells_the_movements_of_cards_that_hold_none():
    made = told([step(1, b"a1"), (MOVES, {"rows": ROWS}), decision()], [b"r1"])
    asyncio.run(moves.show(made))
    assert made.shown == [screens_told.movements("zh", ROWS, 480)]
    assert made.said[0][2]["wants"] == online.TELL and made.said[0][1] == 0, "no number: nothing is decided"


def test_a_uid_alone_is_asked_about_as_such():
    made = told([(MOVES, {"rows": ROWS}), decision()])
    made.sak = 0
    asyncio.run(moves.show(made))
    assert made.said[0][2]["card"] == online.PLAIN and len(made.shown) == 1


def test_a_purse_tells_its_own_newest_first_where_the_host_cannot():
    """Offline; while the host has not been told of its last sale; when the host says nothing."""
    for online_, pending, words, asks in ((False, 0, (), 0), (True, 1, (), 0), (True, 0, (), 1)):
        made = told(words)
        made.online, made.journal.pending = online_, pending
        _tells_its_own(made)
        assert len([one for one in made.said if one[2].get("wants") == online.TELL]) == asks


def _tells_its_own(made):
    records = [layout.log_record(5, 1, counter, 100 * counter, 900, 1700000000) for counter in range(1, 12)]

    async def read_log(teller):
        assert teller is made
        return records

    moves.read_log, real = read_log, moves.read_log
    try:
        asyncio.run(moves.show(made))
    finally:
        moves.read_log = real
    rows = [(1700000000, -100 * counter) for counter in range(11, 1, -1)]
    assert made.shown == [screens_told.movements("zh", rows, 480)]


def test_whoever_has_nothing_to_tell_leaves_the_outcome_on_the_screen():
    for words, card in (
        ([decision(online.REFUSED, reason="pin")], None),
        ([step(1, b"a1")], [CardGone("gone")]),
        ([decision()], None),
    ):
        made = told(words, card)
        asyncio.run(moves.show(made))
        assert made.shown == []
    made = told()
    made.online = False
    asyncio.run(moves.show(made))
    assert made.shown == [] and made.said == []


def test_a_station_shows_what_the_host_says_and_a_purse_needs_no_host():
    kind, values = decision(balance_fen=4000)
    made = told([(kind, dict(values, points=7, tier=2))])
    assert asyncio.run(moves.look(made)) == "looked" and made.shown_fen == 4000
    number, said = made.greeted
    assert number == (0, 0) and (said["points"], said["tier"]) == (7, 2)
    made = told([], kind=online.PURSE)
    assert asyncio.run(moves.look(made)) == "looked" and made.shown_fen == 4200
    made = told([decision(online.REFUSED, reason="hot")])
    assert asyncio.run(moves.look(made)) == "refused" and made.reason == "hot"
    made = told([step(1, b"a1")], [CardGone("gone")])
    assert asyncio.run(moves.look(made)) == "refused" and made.reason == "early"
