"""The kiosk's journal: what it did, kept in flash until the host says that the ledger holds it.

A sale takes a number (epoch.counter) with its INTENT, before the card's commit. Its result is DONE, or
nothing, which is the report "unsettled" until the card is seen again and a SETTLED record, with a number of
its own, tells how it ended. Numbers never repeat: a number counts as used once its slot may have been
written.
"""

from kiosk import record, reports
from kiosk.ring import PER_BLOCK, Ring, RingFull
from protocol.wire import sequence

RESERVE = PER_BLOCK  # slots kept free for results, settlements and checkpoints of sales under way


class Journal:
    """Sole writer of the journal partition."""

    def __init__(self, device, first_epoch: int, on_change=lambda pending: None) -> None:  # type: ignore[no-untyped-def]
        self._ring = Ring(device)
        self._on_change = on_change
        self.epoch, self.counter = first_epoch, 0
        self._acked = {}  # epoch -> [last counter used, acknowledged up to, ranges above]
        self.open = {}  # (epoch, counter) -> INTENT record whose outcome is unknown
        self._current: tuple[int, int] | None = None  # number of the sale under way
        self._tail = self._ring.oldest()
        self.pending = self.exposure_fen = 0  # numbers, and fen debited, that the host has not acknowledged
        self._replay()

    def _replay(self) -> None:
        """Find the newest checkpoint and take in what came after the tail it names."""
        serial = self._ring.head - 1
        oldest = self._tail
        while serial >= oldest:
            found = self._ring.read(serial)
            if found and found["kind"] == record.CHECKPOINT:
                self._tail = max(oldest, found["tmc"])
                self._acked[found["epoch"]] = [found["counter"], found["counter"], []]
                self.epoch, self.counter = found["ref_epoch"], found["ref_counter"]
                break
            serial -= 1
        for serial in range(self._tail, self._ring.head):
            values = self._ring.read(serial)
            if values is not None:
                self._take(values)
        lowest: dict[int, int] = {}
        for values in self._pending_slots():
            self.pending += 1
            self.exposure_fen += values["amount_fen"] if values["kind"] == record.DONE else 0
            epoch, counter = values["epoch"], values["counter"]
            lowest[epoch] = min(lowest.get(epoch, counter), counter)
        for epoch, state in self._acked.items():  # what lies below the oldest wanted slot was acknowledged
            state[1] = max(state[1], lowest.get(epoch, state[0] + 1) - 1)

    def _take(self, values: dict) -> None:
        number = (values["epoch"], values["counter"])
        kind = values["kind"]
        if kind == record.CHECKPOINT:
            number = (values["ref_epoch"], values["ref_counter"])
            self._state(values["epoch"])[1] = max(self._state(values["epoch"])[1], values["counter"])
        elif kind == record.INTENT:
            self.open[number] = values
        elif kind == record.SETTLED:
            self.open.pop((values["ref_epoch"], values["ref_counter"]), None)
        else:
            self.open.pop(number, None)
        self._state(number[0])[0] = max(self._state(number[0])[0], number[1])
        if number > (self.epoch, self.counter):
            self.epoch, self.counter = number

    def _state(self, epoch: int) -> list:
        return self._acked.setdefault(epoch, [0, 0, []])

    def full(self) -> bool:
        """Too little room to promise that another sale's result can be written."""
        return self._ring.room(self._tail) < RESERVE

    def next_number(self) -> tuple[int, int]:
        """The number the next intent will take."""
        return self.epoch, self.counter + 1

    def _write(self, kind: int, number: tuple[int, int], values: dict) -> None:
        values = dict(values)
        values.update({"kind": kind, "epoch": number[0], "counter": number[1]})
        self._ring.append(values, self._tail)

    def _take_number(self) -> tuple[int, int]:
        self.counter += 1
        self._state(self.epoch)[0] = self.counter
        return self.epoch, self.counter

    def intent(self, values: dict) -> tuple[int, int]:
        """Note a sale that is about to be committed -> its number. RingFull: do not sell."""
        if self.full():
            raise RingFull()
        number = self._take_number()
        self._current = number
        self._write(record.INTENT, number, values)
        self.open[number] = dict(values, epoch=number[0], counter=number[1])
        return number

    def done(self, values: dict) -> None:
        """The card committed: values as in INTENT with tmc, tmv and value after."""
        number = self._current
        self._write(record.DONE, number, values)
        del self.open[number]
        self._current = None
        self.exposure_fen += values["amount_fen"]
        self._added()

    def unknown(self) -> None:
        """The commit's answer did not come: the intent stands as the report "unsettled"."""
        self._current = None
        self._added()

    def _added(self) -> None:
        self.pending += 1
        self._on_change(self.pending)

    def settle(self, number: tuple[int, int], values: dict) -> None:
        """The card told how the open sale `number` ended."""
        own = self._take_number()
        self._write(record.SETTLED, own, dict(values, ref_epoch=number[0], ref_counter=number[1]))
        self.open.pop(number, None)
        self._added()

    def open_for(self, uid: bytes) -> dict | None:
        """The oldest unsettled sale of this card."""
        for number in sorted(self.open):
            if self.open[number]["uid"] == uid and number != self._current:
                return self.open[number]
        return None

    def begin_epoch(self, epoch: int) -> None:
        """The host hands out a new epoch: counting starts again at 1. Ignored when it is not newer."""
        if epoch > self.epoch:
            self.epoch, self.counter = epoch, 0
            self._checkpoint(epoch)

    def acknowledged(self, epoch: int, upto: int, ranges: list) -> None:
        """The ledger holds these numbers."""
        state = self._acked.get(epoch)
        if state is None:
            return
        before = sequence.count(state[1], state[2])
        upto = max(state[1], min(upto, state[0]))
        state[1], state[2] = upto, [pair for pair in ranges if pair[0] > upto and pair[1] <= state[0]]
        if sequence.count(state[1], state[2]) == before:
            return
        self.pending = max(0, self.pending - max(0, sequence.count(state[1], state[2]) - before))
        if self.pending == 0:
            self.exposure_fen = 0
        self._forget()
        self._checkpoint(epoch)
        self._ring.prepare(self._tail)
        self._on_change(self.pending)

    def _forget(self) -> None:
        """Move the tail over what is acknowledged; an open intent stays wanted until it is settled.

        One that would hold back the tail for long (its card never came again) is written anew at the head.
        """
        end = self._ring.head
        while self._tail < end:
            values = self._ring.read(self._tail)
            if values is not None and values["kind"] != record.CHECKPOINT:
                number = (values["epoch"], values["counter"])
                if not self.holds(number):
                    break
                if values["kind"] == record.INTENT and number in self.open:
                    if self._ring.room(self._tail) > self._ring.slots * 3 // 4:
                        break
                    self._write(record.INTENT, number, values)
            self._tail += 1

    def holds(self, number: tuple[int, int]) -> bool:
        """Has the host acknowledged this number?"""
        state = self._state(number[0])
        return sequence.holds(state[1], state[2], number[1])

    def _checkpoint(self, epoch: int) -> None:
        found = {"tmc": self._tail, "ref_epoch": self.epoch, "ref_counter": self.counter}
        self._write(record.CHECKPOINT, (epoch, self._state(epoch)[1]), found)

    def _pending_slots(self):  # type: ignore[no-untyped-def]
        """Slots that are reports the host wants, oldest first, read from flash one at a time."""
        for serial in range(self._tail, self._ring.head):
            values = self._ring.read(serial)
            if values is None or values["kind"] == record.CHECKPOINT:
                continue
            number = (values["epoch"], values["counter"])
            if values["kind"] == record.INTENT and (number not in self.open or number == self._current):
                continue
            if not self.holds(number):
                yield values

    def reports(self):  # type: ignore[no-untyped-def]
        """Yield (number, message type, body) of every report the host has not acknowledged, oldest first."""
        for values in self._pending_slots():
            yield (values["epoch"], values["counter"]), reports.KIND[values["kind"]], reports.body(values)
