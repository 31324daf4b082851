"""May this kiosk sell, and when may it again: the activities of SELFTEST and OUT_OF_SERVICE."""

import asyncio

from drivers.pn532 import ReaderFault
from hal import duty
from kiosk.closed import between

TRIES = 3  # resets of the reader before the kiosk is out of service
RETRY_MS = 500  # then the pause between further ones, doubled so often:
DOUBLED_MAX = 4


async def test(teller) -> str:  # type: ignore[no-untyped-def]
    """Reset the reader and look once; then what else a sale needs -> well or fault, with `teller.reason`."""
    if teller.faults >= TRIES:  # it answers a reset, and then no sense
        teller.faults = 0
        return _is_out(teller, "one fault after another")
    for left in range(TRIES if not teller.retries else 1, 0, -1):
        try:
            await teller.reader.start()
            await teller.reader.find()  # only its word counts: a card there is served by and by
            break
        except ReaderFault as fault:
            if teller.retries <= DOUBLED_MAX:  # it may be days until somebody comes
                print("reader: %s" % fault)
            if left == 1:
                return _is_out(teller, str(fault))
    teller.retries = 0
    teller.reason = between(teller)
    return "fault" if teller.reason else "well"


def _is_out(teller, cause: str) -> str:  # type: ignore[no-untyped-def]
    if not teller.retries:
        teller.store.fault("reader", cause)
    teller.reason = "reader"
    return "fault"


async def wait_well(teller) -> str:  # type: ignore[no-untyped-def]
    """Until what was wrong may be right again -> retry, or update. A till's order still ends meanwhile."""
    _hear_till(teller)
    if teller.reason == "reader":
        teller.retries += 1
        duty.check_in("nfc")
        await asyncio.sleep_ms(RETRY_MS << min(teller.retries, DOUBLED_MAX))
        if teller.errand is None:
            return "retry"
    if teller.reason == "display":
        teller.store.fault("display", teller.front.fault)
    shown = ""
    while True:
        if teller.errand is not None:
            teller.reason = "update"
            return "update"
        _hear_till(teller)
        reason, trouble = between(teller), teller.link.line.trouble
        if not reason:
            return "retry"
        if reason != teller.reason or (reason == "setup" and trouble != shown):
            teller.reason, shown = reason, trouble
            from kiosk.shown import show_out

            show_out(teller)
        await teller.rest()


def _hear_till(teller) -> None:  # type: ignore[no-untyped-def]
    if teller.settings.config.get("mode") == "till":
        from kiosk.till import look

        look(teller)
