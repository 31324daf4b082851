"""What of the journal goes to the host next: one report as itself, or several in a journal message."""

import asyncio

from hal import ticks
from protocol.wire import envelope, messages, sequence

# Reports sent and not yet acknowledged by the host, and with that the most that one message holds. It counts
# reports, not messages: what a lost message costs, and what memory it takes, goes by what is in it. 32 of the
# longest are 2.3 KB on the wire; made and sent they need 10 KB of a 64-bit heap, about 7 KB of an ESP32's.
WINDOW = 32
RESEND_MS = 3000


class Outbox:
    """Reports on their way in one session; journal as in kiosk/."""

    def __init__(self, journal) -> None:  # type: ignore[no-untyped-def]
        self._journal = journal
        self._from = 0  # slot; every report before it was sent
        self.sent: dict = {}  # slot -> (number, ticks when it was last sent)

    def again(self) -> None:
        """There may be something to send in any slot."""
        self._from = 0

    async def next(self) -> tuple[tuple[int, int], bytes] | None:
        """(sequence, content) of the next message, which counts as sent; None while there is none to send."""
        for slot in [slot for slot, (_, at) in self.sent.items() if ticks.since(at) > RESEND_MS]:
            del self.sent[slot]
            self._from = min(self._from, slot)
        room = WINDOW - len(self.sent)
        if room <= 0 or self._journal.pending <= len(self.sent):
            return None
        first, numbers, now = b"", [], ticks.now()
        records = bytearray()  # one object that grows: many small ones would leave the heap in splinters
        while len(numbers) < room:
            found = self._journal.next_report(self._from)
            if found is None or (numbers and found[1][0] != numbers[0][0]):
                break  # a journal message is of one epoch
            slot, number, kind, body = found
            self._from = slot + 1
            if slot in self.sent:
                continue
            content = envelope.content(kind, messages.UP, body)
            first = first or content
            records.extend(envelope.record(number[1], content))
            numbers.append(number)
            self.sent[slot] = number, now
            await asyncio.sleep_ms(0)  # a card may lie on the reader while a long journal is packed
        if not numbers:
            return None
        if len(numbers) == 1:
            return numbers[0], first
        return (numbers[0][0], 0), envelope.journal_content(len(numbers), bytes(records))

    def acknowledged(self, epoch: int, upto: int, ranges: list, counters: list) -> None:
        """The ledger holds these numbers; `counters` are those it names one by one.

        Of a past epoch only those count: after our flash went back in time the host's watermark of it speaks
        of sales that we made in another life, under the numbers of ours. What is not on its way is sent all
        the same; the host knows it.
        """
        held = []
        for slot, (number, _) in self.sent.items():
            if number[0] != epoch:
                continue
            if number[1] in counters or (
                epoch == self._journal.epoch and sequence.holds(upto, ranges, number[1])
            ):
                held.append(slot)
        for slot in held:
            del self.sent[slot]
        if held:
            self._journal.acknowledged(held)
