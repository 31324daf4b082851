"""The kiosk's journal: what it did, kept in flash until the host says that the ledger holds it.

A sale takes a number (epoch.counter) with its INTENT, before the card's commit. Its result is DONE, or
nothing, which is the report "unsettled" until the card is seen again and a SETTLED record, with a number of
its own, tells how it ended. SHOWN says that the customer was told. Numbers never repeat: a number counts as
used once its slot may have been written.
"""

from kiosk import record, reports
from kiosk.book import Book
from kiosk.ring import PER_BLOCK, Ring, RingFull
from protocol.wire.messages import MessageError

RESERVE = PER_BLOCK  # slots kept free for results, settlements and checkpoints of sales under way
OPEN_MAX = 64  # unsettled sales; each takes memory until its card comes back


class Journal(Book):
    """Sole writer of the journal partition. `foreign`: it holds another kiosk's records, so no sale."""

    def __init__(self, device, kiosk_no: int, first_epoch: int, on_change=lambda pending: None) -> None:  # type: ignore[no-untyped-def]
        self._ring = Ring(device)
        super().__init__(first_epoch)
        self._kiosk_no, self._on_change = kiosk_no, on_change
        self._tail = self._ring.oldest()
        self.pending = 0  # numbers that the host has not acknowledged
        self.foreign = False
        self._replay()

    def _replay(self) -> None:
        """Find the newest checkpoint and take in what came after the tail it names."""
        serial = self._ring.head - 1
        oldest = self._tail
        while serial >= oldest:
            found = self._ring.read(serial)
            if found and found["kind"] == record.CHECKPOINT:
                self._tail = max(oldest, found["tmc"])
                break
            serial -= 1
        for serial in range(self._tail, self._ring.head):
            values = self._ring.read(serial)
            if values is not None:
                self.foreign = self.foreign or values["kiosk_no"] != self._kiosk_no
                self.take(values)
        self.pending = self.assume_held(self.wanted())

    def full(self) -> bool:
        """Too little room to promise that another sale's result can be written."""
        return self._ring.room(self._tail) < RESERVE

    def next_number(self) -> tuple[int, int]:
        """The number the next intent will take."""
        return self.epoch, self.counter + 1

    def _use_number(self) -> tuple[int, int]:
        self.counter += 1  # whatever becomes of its slot
        return self.epoch, self.counter

    def _write(self, kind: int, number: tuple[int, int], values: dict) -> None:
        whole = dict(values)
        whole.update({"kind": kind, "epoch": number[0], "counter": number[1], "kiosk_no": self._kiosk_no})
        self._ring.append(whole, self._tail)
        self.take(whole)

    def intent(self, values: dict) -> tuple[int, int]:
        """Note a sale that is about to be committed -> its number. RingFull: do not sell."""
        if self.full() or len(self.open) >= OPEN_MAX:
            raise RingFull()
        self.current = self._use_number()
        self._write(record.INTENT, self.current, values)
        return self.current

    def done(self, values: dict) -> None:
        """The card committed: values as in INTENT with tmc, tmv and value after."""
        self._write(record.DONE, self.current, values)
        self._reported()

    def unknown(self) -> None:
        """No answer came, or the host's was no: what was noted stands as the report unsettled or reversal."""
        self._reported()

    def ask(self, values: dict) -> tuple[int, int]:
        """Note that the host is about to be asked for a payment -> its number. RingFull: do not ask.

        While nothing says that it was TAKEN this is the report "reversal".
        """
        if self.full():
            raise RingFull()
        self.current = self._use_number()
        self._write(record.ASKED, self.current, values)
        return self.current

    def taken(self, values: dict) -> None:
        """The host said yes: values as in ASKED with the balance after."""
        self._write(record.TAKEN, self.current, values)
        self._reported()

    def settle(self, number: tuple[int, int], values: dict) -> tuple[int, int]:
        """The card told how the open sale `number` ended -> the number of this report."""
        own = self._use_number()
        self._write(record.SETTLED, own, dict(values, ref_epoch=number[0], ref_counter=number[1]))
        self._reported()
        return own

    def _reported(self) -> None:
        self.current = None
        self.pending += 1
        self._on_change(self.pending)

    def shown(self) -> None:
        """The customer was told how the last paid sale ended."""
        if self.untold is not None and self._ring.room(self._tail) > RESERVE // 2:
            self._write(record.SHOWN, (self.epoch, self.counter), {})
        self.untold = None
        self._forget()

    def begin_epoch(self, epoch: int) -> None:
        """The host hands out a new epoch: counting starts again at 1. Ignored when it is not newer."""
        if epoch > self.epoch:
            self.epoch, self.counter = epoch, 0
            self._checkpoint(epoch)

    def acknowledged(self, epoch: int, upto: int, ranges: list, counters: list) -> None:
        """The ledger holds these numbers; `counters` are those it names one by one.

        Of a past epoch only those count: after our flash went back in time the host's watermark of it speaks
        of sales that we made in another life, under the numbers of ours.
        """
        acks = self.acks.get(epoch)
        if acks is None:
            return
        before = acks.count()
        if epoch == self.epoch:
            acks.take(upto, ranges)
        for counter in counters:
            acks.take_one(counter)
        if acks.count() == before:
            return
        self.pending = max(0, self.pending - max(0, acks.count() - before))
        self.unsettled = {number for number in self.unsettled if not self.holds(number)}
        if self.untold is None:  # else a restart must still find whom to tell
            self._forget()
        self._checkpoint(epoch)
        self._on_change(self.pending)

    def prepare(self) -> None:
        """Nobody waits: erase what the next sales will write to, if that is soon."""
        self._ring.prepare(self._tail)

    def _forget(self) -> None:
        """Move the tail over what is acknowledged; an open intent stays wanted until it is settled.

        One that would hold back the tail for long (its card never came again) is written anew at the head.
        """
        end = self._ring.head
        while self._tail < end:
            values = self._ring.read(self._tail)
            if values is not None and values["kind"] not in (record.CHECKPOINT, record.SHOWN):
                number = (values["epoch"], values["counter"])
                if not self.holds(number):
                    break
                if values["kind"] == record.INTENT and number in self.open:
                    if self._ring.room(self._tail) > self._ring.slots * 3 // 4:
                        break
                    self._write(record.INTENT, number, values)
            self._tail += 1

    def _checkpoint(self, epoch: int) -> None:
        if (
            self._ring.room(self._tail) > RESERVE // 2
        ):  # the reserve is for sales; this only makes boots short
            found: dict = {"tmc": self._tail, "ref_epoch": self.epoch, "ref_counter": self.counter}
            found["uid"] = self.last_uid
            self._write(record.CHECKPOINT, (epoch, self.acks_of(epoch).upto), found)

    def wanted(self):  # type: ignore[no-untyped-def]
        """Yield the slots that are reports the host wants, oldest first, read from flash one at a time."""
        for serial in range(self._tail, self._ring.head):
            values = self._ring.read(serial)
            if values is not None and self.wants(values):
                yield values

    def reports(self):  # type: ignore[no-untyped-def]
        """Yield (number, message type, body) of every report the host has not acknowledged, oldest first."""
        for values in self.wanted():
            number = (values["epoch"], values["counter"])
            try:
                body = reports.body(values)
            except MessageError as error:  # one record that cannot be told must not silence the others
                print("journal: %d.%d cannot be reported: %s" % (number[0], number[1], error))
                continue
            yield number, reports.KIND[values["kind"]], body
