"""A nap ends when its time is over or somebody rouses the sleeper, and no word to look again is lost."""

MICROPYTHON_ONLY = True

import asyncio

from hal import duty, ticks

LONG_MS = 5000


def after(ms, *todo):
    """A nap of LONG_MS, in which these are called after ms -> whether it ended early."""

    async def run():
        napping = asyncio.create_task(duty.nap("a", LONG_MS))
        await asyncio.sleep_ms(ms)
        for call in todo:
            call()
        began = ticks.now()
        try:
            await asyncio.wait_for_ms(napping, 50)
        except asyncio.TimeoutError:
            return False
        return ticks.since(began) < 50

    return asyncio.run(run())


def test_a_nap_is_a_sign_of_life():
    duty.absent[:] = ["a", "b"]
    asyncio.run(duty.nap("a", 0))
    assert duty.absent == ["b"]


def test_a_nap_lasts_its_time_or_until_the_sleeper_is_roused():
    began = ticks.now()
    asyncio.run(duty.nap("a", 20))
    assert ticks.since(began) >= 20
    assert after(1, lambda: duty.rouse("a"))
    assert after(1, lambda: duty.rouse("a"), lambda: duty.rouse("a"))
    assert not after(1)
    assert not after(1, lambda: duty.rouse("b"))


def test_what_came_before_the_nap_shortens_one_nap():
    duty.rouse("c")
    duty.rouse("c")
    began = ticks.now()
    asyncio.run(duty.nap("c", LONG_MS))
    assert ticks.since(began) < LONG_MS
    began = ticks.now()
    asyncio.run(duty.nap("c", 20))
    assert ticks.since(began) >= 20


def test_a_sleeper_that_is_cancelled_is_not_roused_any_more():
    async def run():
        napping = asyncio.create_task(duty.nap("d", LONG_MS))
        await asyncio.sleep_ms(1)
        napping.cancel()
        duty.rouse("d")  # while its end is under way
        try:
            await napping
        except asyncio.CancelledError:
            pass
        duty.rouse("d")
        others = [asyncio.create_task(duty.nap(str(n), n)) for n in range(5)]
        for other in others:
            await other
        return len(others)

    assert asyncio.run(run()) == 5, "the queue of tasks is whole"


def within(ms, waited_ms, cancelled_ms=None):
    """A wait that takes waited_ms -> what it gave, or the class of what ended it, and whether it was over."""
    over = []

    async def wait():
        try:
            await asyncio.sleep_ms(waited_ms)
            return "done"
        finally:
            over.append(True)

    async def run():
        waiting = asyncio.create_task(duty.within(ms, wait()))
        if cancelled_ms is not None:
            await asyncio.sleep_ms(cancelled_ms)
            waiting.cancel()
        try:
            return await waiting
        except (asyncio.TimeoutError, asyncio.CancelledError) as ended:
            return type(ended)

    return asyncio.run(run()), over


def test_a_wait_that_takes_too_long_ends():
    assert within(LONG_MS, 1) == ("done", [True])
    assert within(5, LONG_MS) == (asyncio.TimeoutError, [True])


def test_who_is_cancelled_meanwhile_is_told_no_other_reason():
    assert within(LONG_MS, LONG_MS, 2) == (asyncio.CancelledError, [True])


def test_an_alarm_does_not_ring_after_its_wait():
    async def run():
        for _ in range(3):
            await duty.within(5, asyncio.sleep_ms(1))
        await asyncio.sleep_ms(20)
        return "undisturbed"

    assert asyncio.run(run()) == "undisturbed"
