"""The host's word on a sale, for who waits for it: it ends the wait, and so does a line that breaks."""

MICROPYTHON_ONLY = True

import asyncio

from linked import ack, hear, listening

from hal import duty, ticks
from protocol.wire import messages


def test_the_host_can_refuse_a_card_and_silence_is_no_refusal():
    made = listening()
    made.online = True
    hear(made, ack(7, 2, verdicts=[[1, messages.BOOKED, 100], [2, messages.BAD_TMV, 0]]))
    assert asyncio.run(made.verdict((1, 1), 50)) is True
    assert asyncio.run(made.verdict((1, 2), 50)) is False
    assert asyncio.run(made.verdict((1, 3), 20)) is True
    made.online = False
    assert asyncio.run(made.verdict((1, 4), 60000)) is True  # offline: does not wait


def test_the_last_verdicts_are_kept_for_who_asks_late():
    made = listening()
    made.online = True
    for counter in range(1, 10):
        hear(made, ack(counter + 6, 0, verdicts=[[counter, messages.BAD_TMV, 0]]))
    assert [asyncio.run(made.verdict((1, counter), 0)) for counter in (1, 2, 9)] == [True, False, False]
    assert asyncio.run(made.verdict((2, 9), 0)) is True, "another epoch's"


def test_a_verdict_that_comes_ends_the_wait_and_so_does_the_line_that_breaks():
    made = listening()

    async def run(happens):
        made.online, began = True, ticks.now()
        waiting = asyncio.create_task(made.verdict((1, 7), 60_000))
        await asyncio.sleep_ms(5)
        happens()
        said = await waiting
        return said, made.silent, ticks.since(began) < 1000

    def breaks():
        made.online = False
        duty.rouse("nfc")  # as run() does

    assert asyncio.run(run(breaks)) == (True, True, True)
    bad = ack(7, 0, verdicts=[[7, messages.BAD_TMV, 0]])
    assert asyncio.run(run(lambda: hear(made, bad))) == (False, False, True)


def test_a_host_that_did_not_answer_the_last_sale_is_not_counted_on_until_it_speaks():
    made = listening()
    made.online = True
    assert not made.silent
    asyncio.run(made.verdict((1, 3), 20))
    assert made.silent and made.online
    hear(made, b"garbage that is long enough to hold a MAC")
    assert made.silent
    hear(made, ack(7, 2))
    assert not made.silent
    hear(made, ack(8, 2, verdicts=[[2, messages.BOOKED, 100]]))
    asyncio.run(made.verdict((1, 2), 50))
    assert not made.silent
