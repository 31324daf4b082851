"""Between an update and the rest of the kiosk: words to the host and from it, and when nobody is served.

task: update.task.Updates, everywhere.
"""

import chooser
from hal import duty, ticks
from protocol.wire import updates

_IDLE = ("IDLE", "AMOUNT", "CARD_WAIT", "OUT_OF_SERVICE")


def is_idle(task) -> bool:  # type: ignore[no-untyped-def]
    """Is nobody served?"""
    return task.teller.state in _IDLE


def is_over(task, offer: dict) -> bool:  # type: ignore[no-untyped-def]
    """Did the host take another offer's place, or is it not there?"""
    return not task.link.online or (task.offer is not None and task.offer["rollout"] != offer["rollout"])


async def piece(task, wait_ms: int) -> dict | None:  # type: ignore[no-untyped-def]
    """The next piece that came; None when none does."""
    began = ticks.now()
    while not task.pieces:
        left_ms = wait_ms - ticks.since(began)
        if left_ms <= 0:
            return None
        await duty.nap("update", left_ms)
    return task.pieces.pop(0)  # type: ignore[no-any-return]


async def ask(task, kind: int, **values) -> None:  # type: ignore[no-untyped-def]
    """To the host, if it is there."""
    await task.link.ask(kind, 0, "up", **values)


def image_of(offer: dict) -> int:
    """The version that is offered."""
    return int.from_bytes(offer["header"][4:8], "little")


async def say(task, offer: dict, state: int, reason: str = "") -> None:  # type: ignore[no-untyped-def]
    """How far this roll-out is."""
    if state == updates.REFUSED:
        task.refused = offer["rollout"], image_of(offer), reason
    await tell(task, offer["rollout"], state, image_of(offer), reason)


async def tell(task, rollout: int, state: int, target: int, reason: str = "") -> None:  # type: ignore[no-untyped-def]
    """As say(), of a roll-out known by its number."""
    values = {"rollout": rollout, "state": state, "image": target, "reason": reason}
    await ask(task, updates.UPDATED, runs=chooser.version(chooser.running), **values)
