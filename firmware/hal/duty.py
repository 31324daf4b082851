"""The duty of tasks to show that they live (kiosk/supervisor.py), their naps, which others can end, and other
waits.

A nap holds no heap. asyncio's way to wait for an event or a time, whichever is first, holds 600 bytes for
each that waits: a second task, two coroutines and a queue.
"""

import asyncio

absent: list = []  # names of tasks that have not checked in since the watchdog was fed
_naps: dict = {}  # name of a task -> itself while it sleeps, None when it was roused and has not looked yet


def check_in(name: str) -> None:
    """The loop of this task went round."""
    if name in absent:
        absent.remove(name)


async def nap(name: str, ms: int) -> None:
    """Check in and sleep: at most so long, not at all when it was roused since the last nap."""
    check_in(name)
    if name in _naps:
        ms = 0
    else:
        _naps[name] = asyncio.current_task()
    try:
        await asyncio.sleep_ms(ms)
    finally:
        del _naps[name]


def rouse(name: str) -> None:
    """Something changed: this task is to look again."""
    task = _naps.get(name)
    _naps[name] = None
    if task is not None:
        asyncio.core._task_queue.remove(task)  # type: ignore[attr-defined]
        asyncio.core._task_queue.push(task)  # type: ignore[attr-defined]


async def within(ms: int, awaitable):  # type: ignore[no-untyped-def]
    """What it gives; asyncio.TimeoutError when that takes longer. asyncio's own way holds a kilobyte of heap
    once it was used, and runs what is awaited in a task of its own."""
    alarm = asyncio.create_task(_alarm(ms, asyncio.current_task()))
    try:
        return await awaitable
    except asyncio.CancelledError:
        if not alarm.done():
            raise  # somebody else's wish
        raise asyncio.TimeoutError
    finally:
        alarm.cancel()


async def _alarm(ms: int, task) -> None:  # type: ignore[no-untyped-def]
    await asyncio.sleep_ms(ms)
    task.cancel()


def readable(stream):  # type: ignore[no-untyped-def]
    """To be awaited before a read that does not wait, of a line or a socket."""
    yield asyncio.core._io_queue.queue_read(stream)  # type: ignore[attr-defined]
