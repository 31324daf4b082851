"""What goes to the host beside answers, and what has to wait for a pause between sales."""

MICROPYTHON_ONLY = True

import asyncio

from linked import Client, down, hear, listening

from net import sync
from protocol.wire import faults, messages, online


def test_what_went_wrong_is_told_after_a_welcome_and_noted_once_the_host_has_it():
    made = listening([])
    fault = {"fault": b"abcdefgh", "source": "reader", "cause": "reader is silent", "count": 1}
    fault.update({"uptime_s": 5, "happened_s": 6, "firmware": "1"})
    made.store.faults = [fault]
    hear(made, down(5, messages.WELCOME, epoch=1, now_s=1700000000, hotlist=0, allowed=0))
    asyncio.run(sync.send(made))
    ((_, kind, content),) = made._client.sent
    assert (kind, messages.fields(kind, content)) == (faults.FAULT, dict(fault, nonce=b"12345678"))
    hear(made, down(6, faults.NOTED, fault=b"abcdefgh"))
    assert made.store.noted == [b"abcdefgh"]


def test_what_cannot_be_kept_now_is_asked_for_again():
    made = listening()
    message = down(5, messages.HOTLIST, version=1, uids=[])
    made.store.full = True
    hear(made, message)
    assert made.ask_again and made.settings.taken == []
    made.store.full = made.ask_again = False
    hear(made, down(6, messages.HOTLIST, version=1, uids=[]))
    assert len(made.settings.taken) == 1 and made.confirm and not made.ask_again


def test_a_line_that_breaks_under_a_report_ends_the_session():
    made = listening()
    made.online = True

    class Broken(Client):
        async def publish(self, *_):
            raise OSError("gone")

    made._client = Broken()

    async def run():
        task = asyncio.create_task(sync.run(made))
        for _ in range(2000):
            if made.broken is not None:
                break
            await asyncio.sleep_ms(1)
        task.cancel()
        assert made.broken.args == ("gone",)

    asyncio.run(run())


def test_a_line_that_breaks_under_a_question_ends_the_session_too_but_not_the_next_one():
    made = listening()
    made.online = True

    class Broken(Client):
        async def publish(self, *_):
            if self.late:
                made._client = Client()
            raise OSError("gone")

    for late in (False, True):
        made._client, made.broken = Broken(), None
        made._client.late = late
        assert not asyncio.run(made.ask(online.ANSWER, 0, session=1, step=1, answers=[], gone=1))
        assert (made.broken is None) == late


def test_what_cannot_be_kept_is_not_asked_for_while_a_card_is_served():
    """Each answer would ask again."""
    made, hellos = listening([]), []

    async def hello():
        hellos.append(1)

    async def lives():
        await asyncio.sleep_ms(10_000)

    async def run():
        receiving = asyncio.create_task(lives())
        task = asyncio.create_task(made._work(receiving))
        for _ in range(20):
            made.ask_again = True
            made.stir()
            await asyncio.sleep_ms(1)
        task.cancel()
        receiving.cancel()

    made._hello = hello
    made.store.serving = True
    asyncio.run(run())
    assert len(hellos) == 1, "the first, of the connection"
    made.store.serving = False
    asyncio.run(run())
    assert len(hellos) > 2
