"""An entry pass at the door: the host decides, once for a number, as with a payment."""

from drivers.pn532 import CardGone, ReaderFault
from kiosk import record
from kiosk.ask import ask
from kiosk.online import REASONS
from kiosk.ring import RingFull
from protocol.wire import online

WORDS = (
    " no_pass used expired off_hours inside "  # the host's for a pass that opens nothing; the texts have them
)
VISIT = 1  # what stands where a payment has its amount


async def enter(teller) -> str:  # type: ignore[no-untyped-def]
    """May the card that lies there enter? -> the session's event: entered or refused.

    In flash before it is asked: what the host said and nobody heard is reversed, by the next life too.
    """
    visit = {"uid": teller.presence.uid, "amount_fen": VISIT, "happened_s": teller.clock()}
    visit["paid"] = record.ENTRY
    try:
        number = teller.journal.ask(visit)
    except RingFull:
        teller.reason = "full"
        return "refused"
    teller.reason, decision = "silent", None
    try:
        decision = await ask(teller, online.ENTER, teller.card, number[1])
    except CardGone:
        teller.reason = "early"
        teller.presence.may_return()
    except ReaderFault:
        teller.journal.unknown()
        raise
    if decision is not None and decision["code"] == online.DONE:
        teller.entry = decision
        teller.journal.taken(visit)
        return "entered"
    teller.journal.unknown()
    if decision is not None:
        reason = decision["reason"]
        teller.reason = reason if " %s " % reason in WORDS else REASONS.get(reason, "desk")
    return "refused"
