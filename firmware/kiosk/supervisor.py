"""The task supervisor: the watchdog is fed when every task has checked in, and what ends one ends the run.

A task that did not check in for HANG_MS hangs: it is stopped, which shows where it was. The watchdog itself
bites later, so that there is time to keep the cause (kiosk/faults.py).
"""

import asyncio
import io
import sys

from hal import duty, seldom, ticks

LOOK_MS = 500
HANG_MS = 20_000
STOP_MS = 1000
GRACE_LOOKS = 10  # a card that is being served is let go first


async def supervise(tasks: dict, feed, serving) -> str:  # type: ignore[no-untyped-def]
    """tasks: name -> task. For ever, or until the kiosk has to start again -> why; not while serving(), for a
    few seconds."""
    duty.absent[:] = list(tasks)
    fed = ticks.now()
    while True:
        for name, task in tasks.items():
            if task.done():
                why = await _end(name, task)
                for _ in range(0 if name == "nfc" else GRACE_LOOKS):
                    if not serving():
                        break
                    await asyncio.sleep_ms(LOOK_MS)
                return why
        if not duty.absent:
            feed()
            fed = ticks.now()
            duty.absent[:] = list(tasks)
            if not serving():  # who serves a card catches the very class that was raised
                seldom.forget()
        elif ticks.since(fed) > HANG_MS:
            name = duty.absent[0]
            tasks[name].cancel()
            return await _end(name + " hangs", tasks[name])
        await asyncio.sleep_ms(LOOK_MS)


async def _end(what: str, task) -> str:  # type: ignore[no-untyped-def]
    try:
        await asyncio.wait_for_ms(task, STOP_MS)
    except (Exception, asyncio.CancelledError) as error:
        return describe(what, error)
    return what + ": ended"


def describe(what: str, error) -> str:  # type: ignore[no-untyped-def]
    """nfc: ValueError: no such thing, File "c", line 55, in run"""
    said = io.StringIO()
    sys.print_exception(error, said)  # type: ignore[attr-defined]
    lines = said.getvalue().strip().split("\n")
    places = [line.strip() for line in lines if line.startswith("  File")]
    return ", ".join([what + ": " + lines[-1]] + places[-1:])
