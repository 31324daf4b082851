"""The outcome stands on the screen: the activity of the session's state RESULT."""

import asyncio

from drivers.pn532 import ReaderFault
from hal import ticks

RESULT_MS = 1500
HOLD_MS = 3000  # a card that is held so long wants to be told more


async def wait_removed(teller) -> str:  # type: ignore[no-untyped-def]
    """-> removed: the card is gone, or another one is there, or the next amount is being typed."""
    front, presence = teller.front, teller.presence
    await front.drawn()  # whoever taps next does not take this outcome away unread
    began, held = ticks.now(), presence.two
    try:
        while True:
            if await presence.look():
                teller.tapped = True
                return "removed"
            if presence.gone and ticks.since(began) > RESULT_MS:
                return "removed"
            if not teller.fixed and front.keys:
                return "removed"
            if not held and presence.resting and ticks.since(began) > HOLD_MS:
                from kiosk.moves import show

                held, began = True, ticks.now()
                await show(teller)
            await teller.rest()
    except ReaderFault:
        await asyncio.sleep_ms(max(0, RESULT_MS - ticks.since(began)))  # the outcome stays readable
        raise
