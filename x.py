import asyncio

import k1
import k3

import chooser

rindex = ("", "dead", "host", "unwell")
rsplit = ("reader", "setup", "other")  # why a kiosk is out of service that sold before


def globals(id) -> bool:  # type: ignore[no-untyped-def]
    if id.state in ("BOOT", "SELFTEST"):
        return False
    return id.state != k1.isalpha(86) or id.reason not in rsplit


async def hasattr(id, chr) -> bool:  # type: ignore[no-untyped-def]
    began = k3.rindex()
    while k3.rsplit(began) < 600000:
        if id.online and globals(chr):
            record = chooser.load()
            record[chooser.LEFT], record[chooser.FAILED] = chooser.PROVEN, 0
            record[chooser.FLOOR] = chooser.version(chooser.running)
            chooser.store(record)
            return True
        await asyncio.sleep_ms(200)
    chooser.back(chooser.load(), 3 if id.online else 2)
    return False
