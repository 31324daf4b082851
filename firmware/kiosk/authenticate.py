"""Which card it is and whether it can pay: the activity of the session's state CARD_AUTH."""

from drivers.pn532 import CardGone
from kiosk import record
from kiosk.reading import ISO_DEP, Refused, open_purse
from protocol.card import apdu, purse
from protocol.wire import online


async def authenticate(teller) -> str:  # type: ignore[no-untyped-def]
    """The card on the reader, for `teller.price_fen` -> the session's event."""
    teller.shown_fen, teller.collected_fen, teller.vouched = None, 0, False
    teller.link.charges.greet((0, 0), {})  # what was said to the one before is not for this one
    try:
        return await _decide(teller)
    except Refused as refused:
        teller.reason = refused.args[0]
    except purse.NotOurs:
        teller.reason = "foreign"
    except CardGone:
        teller.reason = "early"
        teller.presence.may_return()
    except apdu.CardError as error:
        print("card: %s" % error)
        teller.reason = "unreadable"
    if teller.journal.open_for(teller.presence.uid) is None:
        return "refused"
    if teller.reason != "undecided":  # a sale of this card is open: nobody may say that nothing was taken
        teller.reason = "again"
    return "unsettled"


async def _decide(teller) -> str:  # type: ignore[no-untyped-def]
    presence, journal = teller.presence, teller.journal
    if presence.two:
        raise Refused("two")
    open_sale = journal.open_for(presence.uid)
    untold = journal.untold
    at_door = teller.settings.config["mode"] == "pass"
    if untold and untold["uid"] != presence.uid:
        untold = None
    if untold and untold["kind"] == record.TAKEN and (untold["paid"] == record.ENTRY) != at_door:
        untold = None  # of the mode before: what was paid opens no door
    if open_sale is None and presence.uid in teller.settings.hot:
        raise Refused("hot")
    if at_door:
        return _at_door(teller, untold)
    if untold and untold["kind"] == record.TAKEN:
        from kiosk.settle import paid_before

        teller.vouched = True  # by the host itself
        return paid_before(teller, untold, (untold["epoch"], untold["counter"]), untold["value_fen"])
    if not presence.sak & ISO_DEP:
        return _ask_for(teller, online.PLAIN)
    if open_sale is None and untold is None and online.is_marked(teller.settings.marks, presence.uid):
        from kiosk.online import collect

        teller.collected_fen = await collect(teller)
    if not teller.settings.masters["debit"]:
        if open_sale is not None:  # of the mode before: another kiosk or the desk can read how it ended
            raise Refused("undecided")
        return _ask_for(teller, online.PURSE)
    try:
        teller.purse = await open_purse(teller)
    except purse.NotOurs:
        from kiosk.online import looks_like_account

        if open_sale is None and await looks_like_account(teller.reader):
            return _ask_for(teller, online.ACCOUNT)
        raise
    opened = teller.purse
    if open_sale is not None:
        from kiosk.settle import settle

        return await settle(teller, open_sale)
    if untold and untold["tmc"] == opened.tmc:
        from kiosk.settle import paid_before

        return paid_before(teller, untold, (untold["epoch"], untold["counter"]), opened.value_fen)
    if not teller.price_fen:
        _must_be_station(teller)
        teller.shown_fen = opened.value_fen
        if not teller.link.online:
            return "looked"
        teller.card = online.PURSE  # the host may have a greeting
        return "ask"
    if opened.value_fen < teller.price_fen:
        teller.shown_fen = opened.value_fen
        raise Refused("low")
    if not teller.link.online or teller.link.silent:
        from kiosk.offline import must_be_allowed

        must_be_allowed(teller)
    return "payable"


def _at_door(teller, untold: dict | None) -> str:  # type: ignore[no-untyped-def]
    """What the card is the host finds out, and whether it is that card; offline nobody can be asked."""
    if untold and untold["kind"] == record.TAKEN:  # the power went before the door could open
        teller.entry = {}
        return "entered"
    return _ask_for(teller, online.PURSE if teller.presence.sak & ISO_DEP else online.PLAIN)


def _must_be_station(teller) -> None:  # type: ignore[no-untyped-def]
    """No price: the card is here to be looked at, unless a till has not said yet how much. Refused."""
    if teller.settings.config["mode"] == "till":
        raise Refused("standby")


def _ask_for(teller, card: int) -> str:  # type: ignore[no-untyped-def]
    if not teller.price_fen:
        _must_be_station(teller)
    if not teller.link.online:
        raise Refused("needs_host")
    teller.card = card
    return "ask"
