"""How a sale ended whose commit went unanswered: the card's own log tells, at its next contact.

TMC as before the sale            nothing was taken
our record in the log             paid; with TMC one higher the Transaction MAC file still holds its TMV
not in a log that reaches back    nothing was taken
log rolled over, or a new issue    a person decides from counter and value
"""

from kiosk.reading import Refused, read_log
from kiosk.ring import RingFull
from protocol.card import layout
from protocol.card.apdu import CardError


async def settle(teller, sale: dict) -> str:  # type: ignore[no-untyped-def]
    """Find out and journal how `sale` (an INTENT record) ended -> the session's event."""
    opened = teller.purse
    settled = {name: sale[name] for name in ("uid", "issue", "amount_fen", "happened_s")}
    number = (sale["epoch"], sale["counter"])
    settled.update({"tmc": opened.tmc, "value_fen": opened.value_fen, "paid": 0})
    if opened.issue != sale["issue"]:  # the card began a new life: its log says nothing of the old one
        raise Refused("undecided")
    if opened.tmc != sale["tmc"]:
        records = await read_log(teller)
        ours = [layout.read_log_record(r) for r in records]
        ours = [r for r in ours if r[1:4] == (teller.number, number[0], number[1])]
        rolled_over = len(records) >= layout.LOG_RECORDS - 1 and opened.tmc - sale["tmc"] > len(records)
        if not ours and rolled_over:
            raise Refused("undecided")
        if ours and not 0 <= ours[0][5] <= layout.VALUE_FEN_MAX:
            raise CardError("log record with a value of %d fen" % ours[0][5])
        if ours:
            settled.update({"tmc": sale["tmc"] + 1, "value_fen": ours[0][5], "paid": 2})
            if opened.tmc == sale["tmc"] + 1:
                settled.update({"tmv": opened.tmv, "paid": 1})
    try:
        own = teller.journal.settle(number, settled)
    except RingFull:
        raise Refused("again")
    if settled["paid"]:
        return paid_before(teller, settled, own, opened.value_fen)
    teller.reason = "unpaid"
    return "unpaid"


def paid_before(teller, sale: dict, number: tuple[int, int], value_fen: int) -> str:  # type: ignore[no-untyped-def]
    """An earlier tap had paid: tell the customer, once the host does not object to report `number`."""
    teller.sale = dict(sale, value_fen=value_fen)
    teller.sale_number, teller.already = number, True
    return "settled"
