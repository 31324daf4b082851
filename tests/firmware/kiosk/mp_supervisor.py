"""The watchdog is fed while all tasks live; what ends one, or hangs, ends the run with its cause."""

MICROPYTHON_ONLY = True

import asyncio

from hal import duty
from kiosk import supervisor
from kiosk.supervisor import HANG_MS, LOOK_MS, describe, supervise
from tests.firmware.chip_clock import ChipClock

CLOCK = ChipClock()
supervisor.seldom.forget = lambda: None


async def living(name):
    while True:
        duty.check_in(name)
        await asyncio.sleep_ms(0)


async def hanging():
    await asyncio.sleep_ms(1_000_000)


async def dying():
    await asyncio.sleep_ms(0)
    raise ValueError("worn out")


async def ending():
    pass


class Time:
    """Stands where asyncio stands in the supervisor: its pauses pass on the chip's clock, at once."""

    CancelledError, TimeoutError = asyncio.CancelledError, asyncio.TimeoutError
    wait_for_ms = asyncio.wait_for_ms

    @staticmethod
    async def sleep_ms(ms):
        CLOCK.ms += ms
        for _ in range(3):  # everybody else has a turn
            await asyncio.sleep_ms(0)


supervisor.asyncio = Time


def run(tasks, feeds=1000, serving=lambda: False):
    """-> (why it stopped, "" when it did not in so many feeds; how often it was fed)."""
    fed = []

    class Enough(Exception):
        pass

    def feed():
        fed.append(CLOCK.ms)
        if len(fed) >= feeds:
            raise Enough()

    async def go():
        made = {name: asyncio.create_task(task) for name, task in tasks.items()}
        try:
            return await supervise(made, feed, serving), fed
        except Enough:
            return "", fed
        finally:
            for task in made.values():
                task.cancel()

    return asyncio.run(go())


def test_it_is_fed_while_all_live():
    why, fed = run({"ui": living("ui"), "nfc": living("nfc")}, 100)
    assert why == "" and max([fed[n + 1] - fed[n] for n in range(99)]) <= 2 * LOOK_MS


def test_it_is_not_fed_for_one_that_hangs_and_where_it_hung_is_known():
    began = CLOCK.ms
    why, fed = run({"ui": living("ui"), "nfc": hanging()})
    assert fed == [] and HANG_MS < CLOCK.ms - began <= HANG_MS + 2 * LOOK_MS
    assert why.startswith("nfc hangs: CancelledError") and "mp_supervisor.py" in why, why


def test_one_that_dies_is_named_with_its_error_and_place():
    why, _ = run({"ui": living("ui"), "link": dying()})
    assert why.startswith("link: ValueError: worn out, File ") and "mp_supervisor.py" in why, why


def test_one_that_ends_has_died():
    assert run({"ui": living("ui"), "sync": ending()})[0] == "sync: ended"


def test_a_card_that_is_served_is_let_go_first_for_a_while():
    looks = []

    def serving():
        looks.append(1)
        return len(looks) < 4

    assert run({"ui": dying()}, serving=serving)[0].startswith("ui: ") and len(looks) == 4
    looks = [1] * 10
    assert run({"ui": dying()}, serving=lambda: True)[0].startswith("ui: ")
    looks = []
    assert run({"nfc": dying()}, serving=serving)[0].startswith("nfc: ") and looks == []


def test_an_error_without_a_place_is_described_all_the_same():
    assert describe("main", OSError(28)).startswith("main: OSError: ")
