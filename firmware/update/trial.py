"""A new firmware proves itself: the kiosk is well and the host answers, within a time; else back to the old
one.
"""

import asyncio

import chooser
from hal import ticks

TRIAL_MS = 600_000
LOOK_MS = 200
HOST, UNWELL = 2, 3  # reasons in the slot record, beside chooser.DEAD
WORDS = ("", "dead", "host", "unwell")
# Why a kiosk is out of service that sold before.
_BAD = ("reader", "display", "setup", "other", "no_keys")


def is_well(teller) -> bool:  # type: ignore[no-untyped-def]
    """The reader answered, the journal is ours, the configuration verifies: what is needed to sell."""
    if teller.state in ("BOOT", "SELFTEST"):
        return False
    return teller.state != "OUT_OF_SERVICE" or teller.reason not in _BAD


async def prove(link, teller) -> bool:  # type: ignore[no-untyped-def]
    """True: confirmed, and nothing older is taken from now on. False: the chip must start again."""
    began = ticks.now()
    while ticks.since(began) < TRIAL_MS:
        if link.online and is_well(teller) and not teller.store.serving:  # it takes an erasure
            record = chooser.load()
            record[chooser.LEFT], record[chooser.FAILED] = chooser.PROVEN, 0
            record[chooser.FLOOR] = chooser.version(chooser.running)
            chooser.store(record)
            return True
        await asyncio.sleep_ms(LOOK_MS)
    chooser.back(chooser.load(), UNWELL if link.online else HOST)
    return False
