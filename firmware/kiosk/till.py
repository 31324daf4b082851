"""Orders of a till: which one is served, and what is said of it. One at a time; the kiosk decides.

    what comes           no such order here       it waits for a card       a card is served for it
    charge               it waits                 told again                told again, after the tap
    cancel               cancelled                cancelled                 too late if the card pays
    charge of another    -                        refused: busy             the same, after the tap
    another mode         -                        cancelled                 after the tap
    the deadline         expired                  expired                   after the tap

The tap decides by what it left in the journal, which names the order: after a restart too it is not paid
twice. A reason that the next tap may cure leaves it waiting; any other ends it, for the cashier to decide.

An order is a list: source, number, amount_fen, deadline_s, outcome, reason. teller.order is the one served,
teller.ended (source, number, outcome, epoch, counter, reason) the last one that is over.
"""

import asyncio
import struct

from kiosk import record
from protocol.wire.till import CANCELLED, CARD, ENDED, EXPIRED, REFUSED, WAITING

HOST, LINE = 0, 0x8001  # where an order came from: of the link, of the serial line; no epoch is so high
_SOURCE, _NUMBER, _AMOUNT, _DEADLINE, _OUTCOME, _REASON = 0, 1, 2, 3, 4, 5
CURABLE = " early unreadable again two busy silent unpaid already reader needs_host pin_wrong "
SLOTS = 2048  # of the journal, the newest: an order is over long before so many are written


def choose(teller) -> str:  # type: ignore[no-untyped-def]
    """The order to be served, or none: the coming tap can only settle an open sale -> the session's event."""
    look(teller)
    _listen(teller)
    order = teller.order
    teller.fixed = True
    teller.price_fen = order[_AMOUNT] if order else 0
    teller.mark = (order[_SOURCE], order[_NUMBER]) if order else (0, 0)
    return "chosen"


def _listen(teller) -> None:  # type: ignore[no-untyped-def]
    """To a till on the serial line, from the first time on that one may be there; anew where that ended."""
    if teller.listening is not None and teller.listening.done():
        teller.listening = asyncio.create_task(teller.line.run())
    if teller.line is None and teller.open_line is not None:
        from kiosk.till_line import Line

        try:
            teller.line = Line(teller, teller.open_line())
            teller.listening = asyncio.create_task(teller.line.run())
        except OSError as error:
            print("till: no serial line: %s" % error)
            teller.open_line = None


def look(teller) -> bool:  # type: ignore[no-untyped-def]
    """Nobody is served: take what tills say. True: another order than was chosen is to be served."""
    charges = teller.link.charges
    while charges.asked:
        _take(teller, charges.asked.pop(0))
    order = teller.order
    if order and teller.clock() >= order[_DEADLINE]:
        _end(teller, EXPIRED)
        order = None
    return teller.mark != ((order[_SOURCE], order[_NUMBER]) if order else (0, 0))


def leave(teller) -> None:  # type: ignore[no-untyped-def]
    """The kiosk serves no till any more: no tap from now on is for its order."""
    _end(teller, CANCELLED)


def note(teller, event: str) -> None:  # type: ignore[no-untyped-def]
    """What a tap for the order has come to, by the event of the state that it was in."""
    state, reason = teller.state, teller.reason
    if event == "card":
        _say(teller, CARD, "")
    elif event == "approved" and (state == "ASK" or not teller.already):
        _end(teller, ENDED, "", teller.sale_number)
    elif event == "unknown" or (event == "unheard" and not teller.already):
        _end(teller, ENDED, "again", teller.sale_number)
    elif event == "rejected" and not teller.already:
        _end(teller, REFUSED, "forged")
    elif event == "fault":
        _say(teller, WAITING, "reader")
    elif event == "settled":
        _say(teller, WAITING, "already")
    elif event in ("unsettled", "unpaid", "refused"):
        if event == "refused" and " %s " % reason not in CURABLE:
            _end(teller, REFUSED, reason)
        else:
            _say(teller, WAITING, reason)


def _take(teller, asked: dict) -> None:  # type: ignore[no-untyped-def]
    """One charge message, or what stands for one on the serial line (source, tell)."""
    source, number = asked.get("source", HOST), asked["order"]
    order = teller.order
    if order and (order[_SOURCE], order[_NUMBER]) == (source, number):
        if asked["cancel"]:
            _end(teller, CANCELLED)
        else:
            _say(teller, order[_OUTCOME], order[_REASON])
        return
    over = known(teller, source, number)
    if over:
        return _tell(teller, source, number, *over)
    outcome, reason = REFUSED, ""
    if asked["cancel"]:
        outcome = CANCELLED
    elif teller.clock() >= asked["deadline_s"]:
        outcome = EXPIRED
    elif order:
        reason = "busy"
    elif asked["amount_fen"] > teller.settings.config["max_fen"]:
        reason = "limit"
    else:
        teller.order = [source, number, asked["amount_fen"], asked["deadline_s"], WAITING, ""]
        return _say(teller, WAITING, "")
    if not order:
        teller.ended = (source, number, outcome, 0, 0, reason)
    _tell(teller, source, number, outcome, 0, 0, reason)


def find(journal, source: int, number: int) -> dict | None:  # type: ignore[no-untyped-def]
    """The record of the sale for this order: DONE, TAKEN, or INTENT while nobody knows; None: no sale."""
    return _newest(journal, struct.pack("<HI", source, number), (record.INTENT, record.DONE, record.TAKEN))


def known(teller, source: int, number: int) -> tuple | None:  # type: ignore[no-untyped-def]
    """(outcome, epoch, counter, reason) of an order that is over; None for any other.

    What was said of the last one stands: the host's no to a card, or its silence, is not in the journal. But
    how a commit without an answer ended is there alone.
    """
    sold, ended = find(teller.journal, source, number), teller.ended
    if ended[:2] == (source, number) and (sold is None or sold["kind"] != record.INTENT):
        return tuple(ended[2:])
    if sold is None:
        return None
    return _how(teller.journal, sold)


def _how(journal, sold: dict) -> tuple:  # type: ignore[no-untyped-def]
    """The same of the sale in this record, as far as the journal knows."""
    number, outcome, reason = (sold["epoch"], sold["counter"]), ENDED, ""
    if sold["kind"] == record.INTENT:
        settled = _newest(journal, struct.pack("<HI", *number), (record.SETTLED,))
        if settled is None:
            reason = "again"
        elif not settled["paid"]:
            outcome, reason = REFUSED, "unpaid"
    elif _newest(journal, struct.pack("<BHI", record.CLOSED, *number), (record.CLOSED,), record.KIND_AT):
        outcome, reason = REFUSED, "forged"
    elif sold["kind"] == record.DONE and journal.is_unsaid(sold["serial"]):
        reason = "silent"  # cut before the host's word on the card: nobody was told that it is paid
    return outcome, number[0], number[1], reason


def highest(journal) -> int:  # type: ignore[no-untyped-def]
    """The highest number of an order of the serial line that the journal has; 0: none."""
    ring, found = journal.ring, 0
    for serial in ring.find(LINE.to_bytes(2, "little"), record.REF_AT, *_newest_slots(ring)):
        values = ring.read(serial)
        if values and values["kind"] not in (record.SETTLED, record.CHECKPOINT):
            found = max(found, values["ref_counter"])
    return found


def _newest(journal, wanted: bytes, kinds: tuple, place: int = record.REF_AT) -> dict | None:  # type: ignore[no-untyped-def]
    ring, found = journal.ring, None
    for serial in ring.find(wanted, place, *_newest_slots(ring)):
        values = ring.read(serial)
        if values and values["kind"] in kinds:
            found = values
    return found


def _newest_slots(ring) -> tuple[int, int]:  # type: ignore[no-untyped-def]
    return max(ring.oldest(), ring.head - SLOTS), ring.head


def _say(teller, outcome: int, reason: str) -> None:  # type: ignore[no-untyped-def]
    order = teller.order
    order[_OUTCOME], order[_REASON] = outcome, reason
    _tell(teller, order[_SOURCE], order[_NUMBER], outcome, 0, 0, reason)


def _end(teller, outcome: int, reason: str = "", number: tuple = (0, 0)) -> None:  # type: ignore[no-untyped-def]
    order, teller.order = teller.order, None
    teller.ended = (order[_SOURCE], order[_NUMBER], outcome, number[0], number[1], reason)
    _tell(teller, *teller.ended)


def _tell(  # type: ignore[no-untyped-def]
    teller, source: int, number: int, outcome: int, epoch: int, counter: int, reason: str
) -> None:
    if source == HOST:
        teller.link.charges.say(number, outcome, epoch, counter, reason)
    else:
        teller.line.tell(number, outcome, epoch, counter, reason)
