"""The duty of tasks to show that they live (kiosk/supervisor.py), and their naps, which others can end.

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
