"""The task sync: journal and faults go to the host while the link is online."""

from hal import duty
from protocol.wire import faults, till

LOOK_MS = 250


async def run(link) -> None:  # type: ignore[no-untyped-def]
    """For ever. What breaks the line ends the link's session."""
    while True:
        if link.online:
            try:
                await send(link)
            except OSError:  # the link knows
                pass
        await duty.nap("sync", LOOK_MS)


async def send(link) -> None:  # type: ignore[no-untyped-def]
    """The next message of each kind that waits."""
    message = await link.outbox.next()
    if message is not None:
        await link.publish(*message)
    while link.charges.said:  # after the reports: what is paid is told by these
        await link.send(till.CHARGED, **link.charges.said.pop(0))
    for fault in link.store.untold():
        await link.send(faults.FAULT, **fault)
