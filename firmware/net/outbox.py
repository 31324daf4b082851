"""What of the journal goes to the host next: one report as itself, or several in a journal message."""

import asyncio

from hal import ticks
from protocol.wire import envelope, messages, resend, sequence

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
        self.sent: dict = {}  # number -> (its slot, -1 for an absent one, ticks when it was last sent)
        self._asked: list = []  # (epoch, [[first, last], ...]) that the host misses
        self._absent: list = []  # [epoch, first, last] of numbers that have no report any more

    def asked(self, values: dict) -> None:
        """The host misses numbers: a resend message. It names all of an epoch, so an older one is void."""
        self._asked = [one for one in self._asked if one[0] != values["epoch"]]
        self._absent = [one for one in self._absent if one[0] != values["epoch"]]
        self._asked.append((values["epoch"], values["missing"]))

    async def next(self) -> tuple[tuple[int, int], bytes] | None:
        """(sequence, content) of the next message, which counts as sent; None while there is none to send."""
        while self._asked:
            epoch, missing = self._asked.pop()
            for first, last in await self._journal.again(epoch, missing):
                self._absent.append([epoch, first, last])
            self._from = 0
        now = ticks.now()
        for number, (slot, at) in list(self.sent.items()):
            if ticks.since(at) > RESEND_MS:
                del self.sent[number]
                if slot < 0:
                    self._absent.append([number[0], number[1], number[1]])
                else:
                    self._from = min(self._from, slot)
        room = WINDOW - len(self.sent)
        first, numbers = b"", []
        records = bytearray()  # one object that grows: many small ones would leave the heap in splinters
        while len(numbers) < room:
            found = self._next(numbers[0][0] if numbers else None)
            if found is None:
                break
            slot, number, kind, body = found
            if number in self.sent:
                continue
            content = envelope.content(kind, messages.UP, body)
            first = first or content
            records.extend(envelope.record(number[1], content))
            numbers.append(number)
            self.sent[number] = slot, now
            await asyncio.sleep_ms(0)  # a card may lie on the reader while a long journal is packed
        if not numbers:
            return None
        if len(numbers) == 1:
            return numbers[0], first
        return (numbers[0][0], 0), envelope.journal_content(len(numbers), bytes(records))

    def _next(self, epoch: int | None) -> tuple[int, tuple[int, int], int, dict] | None:
        """The next report, of this epoch if one is given: a journal message is of one."""
        found: tuple | None = self._journal.next_report(self._from)
        if found is not None:
            if epoch is not None and found[1][0] != epoch:
                return None
            self._from = found[0] + 1
            return found
        if not self._absent or (epoch is not None and self._absent[0][0] != epoch):
            return None
        number = self._absent[0][0], self._absent[0][1]
        self._absent[0][1] += 1
        if number[1] == self._absent[0][2]:
            del self._absent[0]
        return -1, number, resend.ABSENT, {}

    def acknowledged(self, epoch: int, upto: int, ranges: list, counters: list) -> None:
        """The ledger holds these numbers; `counters` are those it names one by one.

        Of a past epoch only those count: after our flash went back in time the host's watermark of it speaks
        of sales that we made in another life, under the numbers of ours. What is not on its way is sent all
        the same; the host knows it.
        """
        slots = []
        for number, (slot, _) in list(self.sent.items()):
            if number[0] != epoch:
                continue
            if number[1] in counters or (
                epoch == self._journal.epoch and sequence.holds(upto, ranges, number[1])
            ):
                del self.sent[number]
                if slot >= 0:
                    slots.append(slot)
        if slots:
            self._journal.acknowledged(slots)
