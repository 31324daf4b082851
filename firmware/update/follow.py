"""A turn of the task update that has something to do: what runs is told to the host, a trial's end is acted
on, an offer is followed.

task: update.task.Updates, everywhere.
"""

import asyncio

import chooser
from hal import board, duty
from protocol.wire import updates
from update import talk

FLUSH_MS = 500  # for the last word before a restart to leave
SERVED_MS = 50


async def turn(task) -> None:  # type: ignore[no-untyped-def]
    """Whatever there is to do now."""
    if task.trial is not None and task.trial.done():
        if not await task.trial:
            await _restart(task)
        task.trial, task.welcomed = None, True
    if task.welcomed:
        task.welcomed = False
        await _stand(task)
    offer, task.offer = task.offer, None
    if offer is not None and task.trial is None and task.ready is None:
        await _follow(task, offer)
    if task.ready is not None and task.teller.errand is None:

        async def errand(_teller) -> None:  # type: ignore[no-untyped-def]
            await _switch(task)

        task.teller.errand = errand


async def _stand(task) -> None:  # type: ignore[no-untyped-def]
    """What the slot record says; a refusal is in memory alone, and the host finds out again."""
    record = chooser.load()
    rollout, failed = record[chooser.ATTEMPT], record[chooser.FAILED]
    runs = chooser.version(chooser.running)
    if task.refused is not None:
        return await talk.tell(task, task.refused[0], updates.REFUSED, task.refused[1], task.refused[2])
    if record[chooser.LEFT] != chooser.PROVEN:
        return await talk.tell(task, rollout, updates.TRYING, runs)
    if failed:
        from update import trial

        return await talk.tell(task, rollout, updates.BACK, failed, trial.WORDS[record[chooser.REASON]])
    if rollout:
        return await talk.tell(task, rollout, updates.CONFIRMED, runs)
    await talk.tell(task, 0, updates.STEADY, 0)


async def _follow(task, offer: dict) -> None:  # type: ignore[no-untyped-def]
    rollout, target = offer["rollout"], talk.image_of(offer)
    known, ended = chooser.load(), task.refused is not None and task.refused[:2] == (rollout, target)
    if rollout == known[chooser.ATTEMPT]:  # of this image: a restored host may give its number to another
        ended = ended or target in (known[chooser.FAILED], chooser.version(chooser.running))
    if ended:
        return await _stand(task)  # it has had its answer
    task.refused = None
    from update import fetch

    why = await fetch.fetch(task, offer)
    if why == fetch.HELD:
        task.ready = offer
    elif why != fetch.LOST:
        await talk.say(task, offer, updates.REFUSED, why)


async def _switch(task) -> None:  # type: ignore[no-untyped-def]
    """Nobody is served, and every record is durable."""
    await talk.say(task, task.ready, updates.SWITCHING)
    record = chooser.load()
    record[chooser.ACTIVE], record[chooser.LEFT] = 1 - chooser.running, chooser.TRIES
    record[chooser.ATTEMPT], record[chooser.FAILED], record[chooser.REASON] = task.ready["rollout"], 0, 0
    try:
        chooser.store(record)
    except OSError as error:  # what runs goes on
        print("update: %s" % error)
        refused, task.ready = task.ready, None
        return await talk.say(task, refused, updates.REFUSED, "flash")
    await asyncio.sleep_ms(FLUSH_MS)
    board.reset()


async def _restart(task) -> None:  # type: ignore[no-untyped-def]
    """A card that is served is let go first."""
    while task.teller.store.serving:
        duty.check_in("update")
        await asyncio.sleep_ms(SERVED_MS)
    board.reset()
