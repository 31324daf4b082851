"""The sale itself: debit and log record, intent to flash, commit, result to flash; the host's verdict."""

from drivers.pn532 import CardGone, ReaderFault
from kiosk.reading import Refused, over_reader
from kiosk.ring import RingFull
from protocol.card import apdu, layout, purse


async def sell(teller) -> str:  # type: ignore[no-untyped-def]
    """Take `teller.price_fen` from the opened purse -> the session's event: done, refused or unknown."""
    price_fen, opened = teller.price_fen, teller.purse
    number = teller.journal.next_number()
    now_s, after_fen = teller.clock(), opened.value_fen - price_fen
    record = layout.log_record(teller.number, number[0], number[1], price_fen, after_fen, now_s)
    teller.sale = {
        "uid": teller.presence.uid,
        "issue": opened.issue,
        "amount_fen": price_fen,
        "tmc": opened.tmc,
        "value_fen": opened.value_fen,
        "happened_s": now_s,
        "ref_epoch": teller.mark[0],
        "ref_counter": teller.mark[1],
    }
    try:
        await over_reader(teller.reader, purse.debit(opened, price_fen, record))
    except CardGone:
        teller.reason = "early"
        teller.presence.may_return()
        return "refused"
    except apdu.CardError as error:
        print("card: %s" % error)
        teller.reason = "unreadable"
        return "refused"
    if teller.journal.next_number() != number:  # a new epoch came: the card's record has an old number
        teller.reason = "unreadable"
        teller.presence.may_return()
        return "refused"
    try:
        teller.sale_number = teller.journal.intent(teller.sale)
    except RingFull:
        teller.reason = "full"
        return "refused"
    try:
        tmc, tmv = await over_reader(teller.reader, purse.commit(opened.session))
    except (CardGone, ReaderFault, apdu.CardError) as error:
        # even a refusal is not believed: status words carry no MAC, the card's log does
        print("commit: %s" % error)
        teller.journal.unknown()
        teller.reason = "again"
        teller.presence.may_return()
        return "unknown"
    teller.sale.update({"tmc": tmc, "tmv": tmv, "value_fen": after_fen})
    teller.already = False
    teller.journal.done(teller.sale)
    return "done"


async def wait_verdict(teller) -> str:  # type: ignore[no-untyped-def]
    """A moment for the host's word on the sale, else lists may vouch for the card -> the session's event."""
    wait_ms = teller.settings.config["verdict_wait_ms"]
    if not await teller.link.verdict(teller.sale_number, wait_ms):
        return "rejected"
    try:
        if teller.link.silent and not teller.vouched:
            from kiosk.offline import must_be_listed

            must_be_listed(teller)
    except Refused:  # it may be forged, and only the host could tell
        teller.reason = "again"
        teller.presence.may_return()
        return "unheard"
    return "approved"
