"""What a card that nobody charges is told: its last movements, and by the host its balance and a greeting.

The host knows top-ups and what was given back too; a purse's own log has its sales, and is there offline.
Nothing here debits.
"""

from drivers.pn532 import CardGone
from kiosk.ask import ask
from kiosk.online import REASONS
from kiosk.reading import ISO_DEP, read_log
from kiosk.screens_told import movements
from protocol.card import apdu, layout, purse
from protocol.wire import online

ROWS_MAX = 10


async def show(teller) -> None:  # type: ignore[no-untyped-def]
    """The card is held on the reader: its last movements, if it has any to tell."""
    is_chip = teller.presence.sak & ISO_DEP
    try:
        rows = await _of_host(teller, is_chip)
        if rows is None and is_chip:
            rows = await _of_purse(teller)
    except (CardGone, purse.NotOurs, apdu.CardError) as error:
        print("card: %s" % error)
        return
    if rows is None:
        return
    language, offset_min = teller.settings.language, teller.settings.config["utc_offset_min"]
    teller.front.show(movements(language, rows, offset_min))
    await teller.front.drawn()


async def _of_host(teller, is_chip: int) -> list | None:  # type: ignore[no-untyped-def]
    """As the books have them; None while they may lack what this kiosk has not told yet, or say nothing."""
    if not teller.link.online or teller.journal.pending:
        return None
    wait_ms = teller.settings.config["verdict_wait_ms"] if is_chip else 0
    card = online.PURSE if is_chip else online.PLAIN
    decision = await ask(teller, online.TELL, card, first_ms=wait_ms)
    return decision["rows"] if decision is not None and decision["code"] == online.DONE else None


async def _of_purse(teller) -> list:  # type: ignore[no-untyped-def]
    """[(time_s, amount_fen)] of its log, the newest first."""
    records = [layout.read_log_record(one) for one in await read_log(teller)]
    records = [one for one in records if one[0] == layout.LOG_DEBIT]
    return [(one[6], -one[4]) for one in reversed(records[-ROWS_MAX:])]


async def look(teller) -> str:  # type: ignore[no-untyped-def]
    """At a station that charges nothing: what the host says of the card -> the event: looked or refused."""
    decision, known = None, teller.shown_fen is not None  # by the card itself, or by what was put on it
    teller.reason = "silent"
    wait_ms = teller.settings.config["verdict_wait_ms"] if known else 0
    try:
        decision = await ask(teller, online.TELL, teller.card, first_ms=wait_ms)
    except CardGone:
        teller.reason = "early"
        teller.presence.may_return()
    if decision is not None and decision["code"] == online.DONE:
        teller.link.charges.greet(teller.sale_number, decision)
        if not known:
            teller.shown_fen = decision["balance_fen"]
        return "looked"
    if known:
        return "looked"
    if decision is not None:
        teller.reason = REASONS.get(decision["reason"], "desk")
    return "refused"
