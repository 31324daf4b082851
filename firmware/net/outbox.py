"""What of the journal goes to the host next: one report as itself, or several in a journal message."""

import asyncio

from hal import ticks
from protocol.wire import envelope, messages

# Reports sent and not yet acknowledged by the host, and with that the most that one message holds. It counts
# reports, not messages: what a lost message costs, and what memory it takes, goes by what is in it. 32 of the
# longest are 2.3 KB on the wire; made and sent they need 10 KB of a 64-bit heap, about 7 KB of an ESP32's.
WINDOW = 32
RESEND_MS = 3000


class Outbox:
    """Reports on their way in one session; journal as in kiosk/."""

    def __init__(self, journal) -> None:  # type: ignore[no-untyped-def]
        self._journal = journal
        self.sent: dict = {}  # number -> ticks when it was last sent

    async def next(self) -> tuple[tuple[int, int], bytes] | None:
        """(sequence, content) of the next message, which counts as sent; None while there is none to send."""
        for number in [n for n, at in self.sent.items() if ticks.since(at) > RESEND_MS]:
            del self.sent[number]
        room = WINDOW - len(self.sent)
        if room <= 0 or self._journal.pending <= len(self.sent):
            return None
        epoch, first, counters = 0, b"", []
        records = bytearray()  # one object that grows: many small ones would leave the heap in splinters
        for number, kind, body in self._journal.reports():
            if number in self.sent:
                continue
            if counters and number[0] != epoch:
                break  # a journal message is of one epoch
            if counters:
                await asyncio.sleep_ms(0)  # a card may lie on the reader while a long journal is packed
            content = envelope.content(kind, messages.UP, body)
            epoch, first = number[0], first or content
            records.extend(envelope.record(number[1], content))
            counters.append(number[1])
            if len(counters) == room:
                break
        now = ticks.now()
        for counter in counters:
            self.sent[epoch, counter] = now
        if not counters:
            return None
        if len(counters) == 1:
            return (epoch, counters[0]), first
        return (epoch, 0), envelope.journal_content(len(counters), bytes(records))

    def acknowledged(self) -> None:
        """The journal knows of more that the host holds."""
        for number in [n for n in self.sent if self._journal.holds(n)]:
            del self.sent[number]
