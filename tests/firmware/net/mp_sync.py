"""What goes to the host beside answers, and what has to wait for a pause between sales."""

MICROPYTHON_ONLY = True

import asyncio

from linked import Client, down, hear, listening

from net import sync
from protocol.wire import faults, messages


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
        await asyncio.sleep_ms(5)
        task.cancel()
        assert made.broken.args == ("gone",)

    asyncio.run(run())
