"""An offer of the host becomes an image in the other slot, piece by piece, while nobody is served."""

import asyncio

import chooser
from hal import duty
from protocol.wire import image, updates
from update import rules, slot, talk

WAIT_MS = 5000  # for the pieces of a question
QUESTIONS_MAX = 6  # without an answer, then the host offers again at the next hello
IDLE_MS = 50
LOST, HELD = "lost", ""  # else a reason to refuse


async def fetch(task, offer: dict) -> str:  # type: ignore[no-untyped-def]
    """HELD: the image lies whole in the other slot. LOST: the host is not there, or has stopped it. Else why
    it is refused. task: update.task.Updates."""
    header, record = offer["header"], chooser.load()
    if record[chooser.LEFT] != chooser.PROVEN:
        return LOST  # what runs is on trial: the other slot is its way back
    why = rules.refusal(task.secret, task.kind, header, offer["mac"], slot.header(chooser.running), record)
    if why:
        return why
    await talk.say(task, offer, updates.FETCHING)
    found = image.unpack(header)
    other, end = slot.number(), image.SIZE + found["length"]
    try:
        at = await _begin(task, other, header, end)
        while at < end:
            at = await _row(task, offer, other, at, end)
            if at < 0:
                return LOST
        if await slot.digest(other, end, _pause) == found["sha256"]:
            return HELD
        await _idle(task)
        slot.erase(other, 0)  # of what is wrong nothing is used
    except OSError as error:
        print("update: %s" % error)
        return "flash"
    return "hash"


async def _pause() -> None:
    duty.check_in("update")
    await asyncio.sleep_ms(1)


async def _idle(task) -> None:  # type: ignore[no-untyped-def]
    """Wait until nobody is served: flash stands still for everything else while it is written."""
    while not talk.is_idle(task):
        duty.check_in("update")
        await asyncio.sleep_ms(IDLE_MS)
    await asyncio.sleep_ms(0)


async def _begin(task, other: int, header: bytes, end: int) -> int:  # type: ignore[no-untyped-def]
    """Where to go on: behind the header of an erased slot, or where this image stopped."""
    if slot.header(other) == header:
        at = await slot.frontier(other, end, _pause)
        if at:
            await _idle(task)
            slot.erase(other, at)
            return at
    for block in range(0, chooser.SLOT_BYTES, chooser.BLOCK):  # the header goes first
        if not slot.is_blank(other, block):
            await _idle(task)
            slot.erase(other, block)
        await _pause()
    await _idle(task)
    slot.write(other, 0, header)
    return image.SIZE


async def _row(task, offer: dict, other: int, at: int, end: int) -> int:  # type: ignore[no-untyped-def]
    """Ask for what is left of a block and write it; the place behind it, or -1 when nothing came."""
    upto = min((at // chooser.BLOCK + 1) * chooser.BLOCK, end)
    for _ in range(QUESTIONS_MAX):
        pieces = (upto - 1) // updates.PIECE_MAX - at // updates.PIECE_MAX + 1
        task.pieces.clear()
        await talk.ask(task, updates.WANTED, rollout=offer["rollout"], offset=at, pieces=pieces)
        while at < upto:
            piece = await talk.piece(task, WAIT_MS)
            if piece is None:
                break
            good = piece["rollout"] == offer["rollout"] and piece["offset"] == at
            data = piece["data"]
            if not good or at + len(data) > min(updates.piece_end(at), upto):
                continue
            await _idle(task)
            slot.write(other, at, data)
            at += len(data)
        if at == upto:
            return at
        if talk.is_over(task, offer):
            return -1
    return -1
