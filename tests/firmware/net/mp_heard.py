"""What the host says of sales that are over goes into the journal."""

MICROPYTHON_ONLY = True

import asyncio

from linked import ack, down, hear, listening

from protocol.wire import messages, resend


def test_what_the_host_called_forged_is_noted_in_flash():
    made = listening()
    hear(made, ack(7, 2, verdicts=[[1, messages.FLAGGED, 100], [2, messages.BAD_TMV, 0]]))
    assert made.journal.closed == [(1, 2)]


def test_open_sales_are_counted_for_the_host_and_closed_by_it():
    made = listening()
    made.journal.open, made.journal.ring = [0, 2], made.journal
    asyncio.run(made._hello())
    _, kind, said = made._client.sent[-1]
    assert (kind, messages.fields(kind, said)["open"]) == (messages.HELLO, 2)
    made.store.full = True  # a card is served
    hear(made, down(7, resend.CLOSED, epoch=1, sales=[[1, 1], [3, 9]]))
    assert made.journal.closed == []
    made.store.full = False
    hear(made, down(8, resend.CLOSED, epoch=1, sales=[[1, 1], [3, 9]]))
    assert made.journal.closed == [(1, 1), (1, 3)]
