"""How a sale ended whose commit went unanswered: the card's own log tells, at its next contact.

TMC as before the sale            nothing was taken
our record in the log             paid; with TMC one higher the Transaction MAC file still holds its TMV
not in a log that reaches back    nothing was taken
log rolled over (10 newer)        a person decides from counter and value
"""

import os

from kiosk.reading import Refused, over_reader
from protocol.card import keys, layout, purse


async def settle(teller, sale: dict) -> str:  # type: ignore[no-untyped-def]
    """Find out and journal how `sale` (an INTENT record) ended -> the session's event."""
    opened = teller.purse
    settled = {name: sale[name] for name in ("uid", "issue", "amount_fen", "happened_s")}
    number = (sale["epoch"], sale["counter"])
    settled.update({"tmc": opened.tmc, "value_fen": opened.value_fen, "paid": 0})
    if opened.tmc != sale["tmc"]:
        key = keys.card_key(teller.settings.read_master, teller.presence.uid)
        records = await over_reader(teller.reader, purse.read_log(key, os.urandom(16)))
        ours = [layout.read_log_record(r) for r in records]
        ours = [r for r in ours if r[1:4] == (teller.number, number[0], number[1])]
        rolled_over = len(records) >= layout.LOG_RECORDS - 1 and opened.tmc - sale["tmc"] > len(records)
        if not ours and rolled_over:
            raise Refused("undecided")
        if ours:
            settled.update({"tmc": sale["tmc"] + 1, "value_fen": ours[0][5], "paid": 2})
            if opened.tmc == sale["tmc"] + 1:
                settled.update({"tmv": opened.tmv, "paid": 1})
    teller.journal.settle(number, settled)
    if settled["paid"]:
        teller.sale = settled
        return "settled"
    teller.reason = "unpaid"
    return "unpaid"
