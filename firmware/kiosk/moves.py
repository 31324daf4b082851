"""What a card that nobody charges is told: its last movements, and by the host its balance and a greeting.

A purse's movements are on the card itself, so they are there offline too. Nothing here debits.
"""

from drivers.pn532 import CardGone
from kiosk.ask import ask
from kiosk.online import REASONS
from kiosk.reading import read_log
from kiosk.screens_told import movements
from protocol.card import apdu, layout, purse
from protocol.wire import online

ROWS_MAX = 10


async def show(teller) -> None:  # type: ignore[no-untyped-def]
    """The card is held on the reader: its last movements, if it has any to tell."""
    try:
        if teller.purse is not None and teller.purse.uid == teller.presence.uid:
            rows = await _of_purse(teller)
        else:
            decision = await ask(teller, online.TELL, teller.card) if teller.link.online else None
            rows = decision["rows"] if decision is not None and decision["code"] == online.DONE else None
    except (CardGone, purse.NotOurs, apdu.CardError) as error:
        print("card: %s" % error)
        return
    if rows is None:
        return
    language, offset_min = teller.settings.language, teller.settings.config["utc_offset_min"]
    teller.front.show(movements(language, rows, offset_min))
    await teller.front.drawn()


async def _of_purse(teller) -> list:  # type: ignore[no-untyped-def]
    """[(time_s, amount_fen)] of its log, the newest first."""
    records = [layout.read_log_record(one) for one in await read_log(teller)]
    records = [one for one in records if one[0] == layout.LOG_DEBIT]
    return [(one[6], -one[4]) for one in reversed(records[-ROWS_MAX:])]


async def look(teller) -> str:  # type: ignore[no-untyped-def]
    """At a station that charges nothing: what the host says of the card -> the event: looked or refused."""
    decision, is_purse = None, teller.card == online.PURSE
    teller.reason = "silent"
    wait_ms = teller.settings.config["verdict_wait_ms"] if is_purse else 0
    try:
        decision = await ask(teller, online.TELL, teller.card, first_ms=wait_ms)
    except CardGone:
        teller.reason = "early"
        teller.presence.may_return()
    if decision is not None and decision["code"] == online.DONE:
        teller.link.charges.greet(teller.sale_number, decision)
        if not is_purse:
            teller.shown_fen = decision["balance_fen"]
        return "looked"
    if is_purse:  # it has told its value itself
        return "looked"
    if decision is not None:
        teller.reason = REASONS.get(decision["reason"], "desk")
    return "refused"
