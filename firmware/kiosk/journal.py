"""The kiosk's journal: what it did, kept in flash until the host says that the ledger holds it.

A sale takes a number (epoch.counter) with its INTENT, before the card's commit. Its result is DONE, or
nothing, which is the report "unsettled" until the card is seen again and a SETTLED record, with a number of
its own, tells how it ended, or a CLOSED one that the kiosk need not know. A CHECKPOINT says from where on
slots are needed. Numbers never repeat: a number counts as used once its slot may have been written. In memory
there is one bit a slot, and sums.
"""

from kiosk import record
from kiosk.book import Book
from kiosk.ring import PER_BLOCK, RingFull

RESERVE = (
    2 * PER_BLOCK
)  # slots kept free for results, settlements and checkpoints, and for a block that is bad
OPEN_MAX = 64  # unsettled sales; each is read whenever a card comes


class Journal(Book):
    """Sole writer of the journal partition. on_change(pending) is told whenever that number changes."""

    def __init__(self, device, kiosk_no: int, first_epoch: int, on_change=lambda pending: None) -> None:  # type: ignore[no-untyped-def]
        super().__init__(device, kiosk_no, first_epoch)
        self._on_change, self.worn = on_change, False

    def full(self) -> bool:
        """Too little room to promise that another sale's result can be written."""
        return self.worn or self.ring.room(self.tail) < RESERVE

    def spare(self) -> bool:
        """Is there room for what is no sale's result? The rest of the reserve is for sales."""
        return bool(self.ring.room(self.tail) > RESERVE // 2)

    def next_number(self) -> tuple[int, int]:
        """The number the next intent will take."""
        return self.epoch, self.counter + 1

    def _use_number(self) -> tuple[int, int]:
        self.counter += 1  # whatever becomes of its slot
        return self.epoch, self.counter

    def _write(self, kind: int, number: tuple[int, int], values: dict) -> None:
        whole = dict(values)
        whole.update({"kind": kind, "epoch": number[0], "counter": number[1], "kiosk_no": self.kiosk_no})
        serial = self.ring.append(whole, self.tail)
        self.take(
            serial,
            kind,
            number[0],
            number[1],
            whole.get("amount_fen", 0),
            whole.get("paid", 0),
            self.kiosk_no,
        )
        if self.paid_at == serial:
            self.last_uid = whole["uid"]

    def _begin(self, kind: int, values: dict) -> tuple[int, int]:
        """The first slot of a sale -> its number. RingFull: nothing was or may be asked of anybody."""
        if self.full():
            raise RingFull()
        try:
            if kind == record.INTENT and len(self.open) >= OPEN_MAX:
                self._close_oldest()
            number = self._use_number()
            self._write(kind, number, values)
        except OSError as error:
            print("journal: %s" % error)
            self.worn = True
            raise RingFull()
        self.current = number
        return number

    def intent(self, values: dict) -> tuple[int, int]:
        """Note a sale that is about to be committed -> its number. RingFull: do not sell."""
        return self._begin(record.INTENT, values)

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
        return self._begin(record.ASKED, values)

    def taken(self, values: dict) -> None:
        """The host said yes: values as in ASKED with the balance after."""
        self._write(record.TAKEN, self.current, values)
        self._reported()

    def settle(self, number: tuple[int, int], values: dict) -> tuple[int, int]:
        """The card told how the open sale `number` ended -> this report's number. RingFull: it stays open."""
        own = self._use_number()
        try:
            self._write(record.SETTLED, own, dict(values, ref_epoch=number[0], ref_counter=number[1]))
        except OSError as error:
            print("journal: %s" % error)
            self.worn = True
            raise RingFull()
        self._reported()
        return own

    def close(self, number: tuple[int, int]) -> None:
        """The host holds what is known of this sale, or refused it: it holds up nothing here. OSError."""
        self._write(record.CLOSED, number, {})

    def _close_oldest(self) -> None:
        """Of the open sales that the host holds: its books settle it by the card's next proofs. RingFull: it
        holds none of them."""
        for serial in self.open:
            if not self.wanted.holds(serial):
                found = self.ring.brief(serial)
                if found:
                    return self.close(found[2:4])
        raise RingFull()

    def _reported(self) -> None:
        self.current = None
        self._on_change(self.pending)

    def shown(self) -> None:
        """The customer was told how the last paid sale ended."""
        if self._untold >= 0:
            self._untold = -1
            self._forget()
            self._checkpoint()

    def begin_epoch(self, epoch: int) -> None:
        """The host hands out a new epoch: counting starts again at 1. Ignored when it is not newer."""
        if epoch > self.epoch:
            self.epoch, self.counter = epoch, 0
            self._checkpoint()

    def acknowledged(self, slots: list[int]) -> None:
        """The ledger holds the reports in these slots."""
        for serial in slots:
            self._drop(serial, self._exposed(serial))
        if self._untold < 0:  # else the checkpoint that says that the customer was told comes soon
            before = self.held
            self._forget()
            if self.held != before:
                self._checkpoint()
        self._on_change(self.pending)

    async def again(self, epoch: int, missing: list) -> list:
        """The host misses these numbers ([[first, last], ...]): report again what is left of them -> the rest
        of them, which is gone, in the same form."""
        from kiosk import resend  # seldom

        gone: list = await resend.again(self, epoch, missing)
        self._checkpoint()  # what comes after a restart knows it
        self._on_change(self.pending)
        return gone

    def prepare(self) -> None:
        """Nobody waits: erase what the next sales will write to, if that is soon."""
        self.ring.prepare(self.tail)

    def _forget(self) -> None:
        """Move the tail over what is acknowledged; an open intent stays needed until it is settled, a paid
        sale until its customer was told.

        One that would hold back the tail for long (its card never came again) is written anew at the head.
        """
        self.held = needed = self.wanted.next(self.tail, self.ring.head)
        if self._untold >= 0:
            needed = min(needed, self._untold)
        while self.open and min(self.open) < needed:
            oldest = min(self.open)
            if self.ring.room(oldest) > self.ring.slots * 3 // 4:
                needed = oldest
                break
            values = self.ring.read(oldest)
            self._write(record.INTENT, (values["epoch"], values["counter"]), dict(values, paid=1))
        self.tail = needed

    def _checkpoint(self) -> None:
        if self.spare():  # this makes boots short
            values: dict = {"tmc": self.tail, "happened_s": self.held, "uid": self.last_uid}
            values.update(
                {"ref_epoch": self.epoch, "ref_counter": self.counter, "paid": int(self._untold < 0)}
            )
            self._write(record.CHECKPOINT, (self.epoch, self.counter), values)
