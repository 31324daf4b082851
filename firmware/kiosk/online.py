"""What this kiosk asks the host: to load what waits for a purse, and to pay for cards that hold no money."""

from drivers.pn532 import CardGone, ReaderFault
from kiosk.ask import ask
from kiosk.ring import RingFull
from kiosk.shown import show_reading
from protocol.wire import online

# NFC Forum Type 4 Tag, 5.4: SELECT of the NDEF application, which an NTAG 424 has and our purse has not
SELECT_TAG = b"\x00\xa4\x04\x0c\x07\xd2\x76\x00\x00\x85\x01\x01"
# The host's words for a refusal, and what stands on the screen for them; any other is a matter for the desk.
REASONS = {"low": "low", "unknown": "foreign", "hot": "hot", "daily": "daily", "busy": "busy"}
REASONS.update({"early": "early", "unreadable": "unreadable"})
# the first two lead to the keypad where there is one
REASONS.update({"pin": "pin_needed", "pin-wrong": "pin_wrong", "pin-blocked": "blocked"})


async def looks_like_account(reader) -> bool:  # type: ignore[no-untyped-def]
    """Is it a card that may be an account card? What it is the host finds out."""
    answer: bytes = await reader.transceive(SELECT_TAG)
    return answer[-2:] == b"\x90\x00"


async def collect(teller) -> int:  # type: ignore[no-untyped-def]
    """Let the host put on the card what waits for it -> how much that was; 0 without a word to anybody when
    nothing does. Whatever came of it, the card says so itself when it is read next."""
    if not teller.link.online or not online.is_marked(teller.settings.marks, teller.presence.uid):
        return 0
    show_reading(teller, "collecting")
    decision = await ask(teller, online.COLLECT, online.PURSE)
    if decision is None or decision["code"] != online.DONE:
        return 0
    amount_fen: int = decision["amount_fen"]
    teller.shown_fen = decision["balance_fen"]
    return amount_fen


async def pay(teller) -> str:  # type: ignore[no-untyped-def]
    """Ask the host for `teller.price_fen` of this card -> the session's event: approved or refused.

    Where the host wants a PIN the customer is asked for it, and then the host anew, under another number:
    each request is decided once.
    """
    if not teller.price_fen:
        if teller.settings.config["mode"] == "pass":
            from kiosk import door

            return await door.enter(teller)
        from kiosk import moves

        return await moves.look(teller)
    pin = b""
    while True:
        event = await _ask_to_pay(teller, pin)
        if pin:
            teller.front.keys = ""  # a digit too many of it is no amount, which would stand on the screen
        if not teller.reason.startswith("pin_") or teller.front.keypad is None:
            return event
        from kiosk.pin import enter

        pin = await enter(teller)
        if not pin:
            return event


async def _ask_to_pay(teller, pin: bytes) -> str:  # type: ignore[no-untyped-def]
    """In flash before it is asked: what is not known to be paid is reversed, by the kiosk's next life too."""
    uid, price_fen = teller.presence.uid, teller.price_fen
    sale = {"uid": uid, "amount_fen": price_fen, "happened_s": teller.clock()}
    sale["ref_epoch"], sale["ref_counter"] = teller.mark
    try:
        number = teller.sale_number = teller.journal.ask(sale)
    except RingFull:
        teller.reason = "full"
        return "refused"
    teller.reason, decision = "silent", None
    try:
        decision = await ask(teller, online.PAY, teller.card, number[1], pin, amount_fen=price_fen)
    except CardGone:
        teller.reason = "early"
        teller.presence.may_return()
    except ReaderFault:
        teller.journal.unknown()
        raise
    if decision is not None and decision["code"] == online.DONE and decision["amount_fen"] == price_fen:
        teller.sale = dict(sale, value_fen=decision["balance_fen"])
        teller.already = False
        teller.link.charges.greet(number, decision)
        teller.journal.taken(teller.sale)
        return "approved"
    teller.journal.unknown()
    if decision is not None:
        teller.reason = REASONS.get(decision["reason"], "desk")
        if decision["reason"] == "low":
            teller.shown_fen = decision["balance_fen"]
    return "refused"
