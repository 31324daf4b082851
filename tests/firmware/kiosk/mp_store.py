"""Long work in flash waits for a pause between sales, one thing after the other, and is bounded."""

MICROPYTHON_ONLY = True

import asyncio

from disk import Disk

from kiosk import faults
from kiosk.store import JOBS_MAX, MINUTE_MS, Store
from tests.firmware.chip_clock import ChipClock

CLOCK = ChipClock()


class Part:
    """Journal and age: counts."""

    def __init__(self):
        self.prepared = self.ticked = 0

    def prepare(self):
        self.prepared += 1

    def tick(self):
        self.ticked += 1


def with_store(script):
    async def run():
        part = Part()
        store = Store(Disk(), part, part, lambda: 1700000000, "0.1.0")
        task = asyncio.create_task(store.run())
        await script(store, part)
        task.cancel()

    asyncio.run(run())


async def turns(count=2):
    await asyncio.sleep_ms(25 * count)


def test_nothing_long_begins_while_a_card_is_served():
    async def script(store, part):
        done = []
        store.serving = True
        store.later(done.append, 1)
        store.later(done.append, 2)
        await turns()
        assert done == [] and part.prepared <= 1
        store.serving = False
        assert not store.later(done.append, 3)  # not before those who came first
        await turns()
        assert done == [1, 2]
        await turns()
        assert part.prepared

    with_store(script)


def test_what_waits_is_bounded_and_whoever_asks_is_told():
    async def script(store, _part):
        done = []
        store.serving = True
        asked = [store.later(done.append, n) for n in range(JOBS_MAX + 2)]
        assert asked == [True] * JOBS_MAX + [False] * 2
        store.serving = False
        await turns(JOBS_MAX + 1)
        assert done == list(range(JOBS_MAX))

    with_store(script)


def test_flash_that_fails_is_told_and_no_task_dies_by_it():
    def fail():
        raise OSError(5, "worn")

    async def script(store, _part):
        store.later(fail)
        await turns(4)
        (kept,) = store.untold()
        assert kept["source"] == "flash" and "5" in kept["cause"]
        done = []
        store.later(done.append, 1)
        await turns()
        assert done == [1]

    with_store(script)


def test_a_file_that_flash_did_not_take_is_told_once_from_memory():
    async def script(store, _part):
        disk = store._flash
        disk.full = True

        def keep():
            try:
                disk.write_file("/config.msg", b"x")
            except OSError:
                pass  # as settings do: the old ones stay in force

        store.later(keep)
        await turns(6)
        (kept,) = store.untold()
        assert (kept["source"], kept["cause"]) == ("flash", "/config.msg: no space")
        store.told(kept["fault"])
        await turns()
        store.fresh = True
        assert (store.untold(), store._jobs) == ([], [])

    with_store(script)


def test_uptime_is_counted_in_minutes_and_outlasts_the_counter_of_ticks():
    async def script(store, part):
        for _ in range(90):
            CLOCK.ms += MINUTE_MS
            await asyncio.sleep_ms(21)
        assert part.ticked == 90
        store.note("reader", "silent")
        assert faults.untold(store._flash, [])[0]["uptime_s"] == 90 * 60

    with_store(script)


def test_a_fault_is_kept_and_forgotten_when_told():
    async def script(store, _part):
        store.fault("display", "no answer")
        (kept,) = store.untold()
        assert store.untold() == []  # it is on its way
        store.fresh = True  # until the next welcome
        assert store.untold() == [kept]
        store.told(kept["fault"])
        await turns()
        store.fresh = True
        assert store.untold() == []

    with_store(script)
