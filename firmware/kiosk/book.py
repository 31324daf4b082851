"""What the journal's slots say, in memory: one bit a slot, sums, and the slots of sales that are open."""

from kiosk import record, reports
from kiosk.ring import Ring
from kiosk.wanted import Wanted
from protocol.wire.messages import MessageError


class Book:
    """Built by take() from one slot after the other, as they are written and after a restart."""

    def __init__(self, device, kiosk_no: int, first_epoch: int) -> None:  # type: ignore[no-untyped-def]
        from kiosk.replay import replay  # for the start alone

        self.ring, self.kiosk_no = Ring(device), kiosk_no
        self.wanted = Wanted(self.ring.slots)  # reports that the host has not acknowledged
        self.epoch, self.counter = first_epoch, 0  # the last number used
        self.current: tuple[int, int] | None = None  # number of the sale under way
        self.open: list[int] = []  # slots of INTENTs whose outcome is unknown
        self._newest = -1, (0, 0), 0  # slot, number and exposed fen of the newest report
        self.paid_at = self._untold = -1  # slot of the last paid sale; the same until its customer was told
        self.last_uid = b""  # the card that paid last: it may still lie there after a restart
        self.exposed_fen = 0  # what cards may have lost and the host may not know
        self.foreign = False  # it holds another kiosk's records
        self.tail = self.held = self.ring.oldest()  # slots below are not needed; their reports acknowledged
        replay(self)

    def take(
        self, serial: int, kind: int, epoch: int, counter: int, amount_fen: int, paid: int, _: int
    ) -> None:
        """A slot that was written; after a restart each one, oldest first."""
        number = (epoch, counter)
        anew = kind == record.INTENT and paid  # an open sale that the host holds
        self.use(epoch, counter)
        if reports.KIND[kind] and not anew:
            if self._newest[1] == number:  # it says how the sale ended
                self._drop(self._newest[0], self._newest[2])
                if self._newest[0] in self.open:
                    self.open.remove(self._newest[0])
            fen = amount_fen if reports.is_exposed(kind, paid) else 0
            self._newest = serial, number, fen
            if serial >= self.held:
                self._want(serial, fen)
        if kind == record.INTENT:
            if anew:
                self._close(number)
            self.open.append(serial)
        elif kind == record.SETTLED:
            values = self.ring.read(serial)
            self._close((values["ref_epoch"], values["ref_counter"]))
        elif kind == record.CLOSED:
            self._close(number)
        if kind in (record.DONE, record.TAKEN) or (kind == record.SETTLED and paid):
            self.paid_at = self._untold = serial
        elif kind == record.CHECKPOINT and paid:
            self._untold = -1

    def use(self, epoch: int, counter: int) -> None:
        if (epoch, counter) > (self.epoch, self.counter):
            self.epoch, self.counter = epoch, counter

    def _close(self, number: tuple[int, int]) -> None:
        """This sale is open no more."""
        for serial in self.open:
            found = self.ring.brief(serial)
            if found and found[2:4] == number:
                self.open.remove(serial)
                return

    def _want(self, serial: int, exposed_fen: int) -> None:
        if not self.wanted.holds(serial):
            self.wanted.change(serial)
            self.exposed_fen += exposed_fen

    def _drop(self, serial: int, exposed_fen: int) -> None:
        if self.wanted.holds(serial):
            self.wanted.change(serial)
            self.exposed_fen -= exposed_fen

    def want_again(self, serial: int) -> None:
        """The host held this report and holds it no more."""
        self._want(serial, self._exposed(serial))
        self.tail, self.held = min(self.tail, serial), min(self.held, serial)

    def _exposed(self, serial: int) -> int:
        """What a slot adds to exposed_fen when it is wanted."""
        found = self.ring.brief(serial)
        return found[4] if found and reports.is_exposed(found[1], found[5]) else 0

    @property
    def pending(self) -> int:
        """How many reports the host has not acknowledged."""
        return self.wanted.count - (self.current is not None)

    @property
    def untold(self) -> dict | None:
        """The last paid sale, while its customer was not told."""
        return self.ring.read(self._untold) if self._untold >= 0 else None

    def is_unsaid(self, serial: int) -> bool:
        """Does neither the host hold the paid sale in this slot, nor was its customer told? A checkpoint says
        that he was, before the next one is paid."""
        if not self.wanted.holds(serial) or serial >= self.paid_at:
            return self.wanted.holds(serial) and self._untold >= 0
        for later in range(serial + 1, self.paid_at):
            found = self.ring.brief(later)
            kind, paid = (found[1], found[5]) if found else (0, 0)
            if kind in (record.DONE, record.TAKEN) or (kind == record.SETTLED and paid):
                break
            if kind == record.CHECKPOINT and paid:
                return False
        return True

    def next_report(self, serial: int) -> tuple[int, tuple[int, int], int, dict] | None:
        """(slot, number, message type, body) of the first report at or after this slot that the host has not
        acknowledged; None when there is none."""
        while True:
            serial = self.wanted.next(max(serial, self.tail), self.ring.head)
            if serial >= self.ring.head:
                return None
            values = self.ring.read(serial)
            number = (values["epoch"], values["counter"]) if values else None
            if number and number != self.current:
                try:
                    return serial, number, reports.KIND[values["kind"]], reports.body(values)
                except MessageError as error:  # one record that cannot be told must not silence the others
                    print("journal: %d.%d cannot be reported: %s" % (number[0], number[1], error))
            serial += 1

    def open_for(self, uid: bytes) -> dict | None:
        """The oldest unsettled sale of this card."""
        for serial in self.open:
            values = self.ring.read(serial)
            if values and values["uid"] == uid and (values["epoch"], values["counter"]) != self.current:
                return values
        return None

    def exposed_of(self, uid: bytes) -> tuple[int, int]:
        """(fen, sales) of one card in exposed_fen. From flash alone, so a power cut takes nothing off."""
        amount_fen = count = 0
        for serial in self.ring.find(record.uid_field(uid), record.UID_AT, self.tail, self.ring.head):
            fen = self._exposed(serial) if self.wanted.holds(serial) else 0
            amount_fen += fen
            count += fen > 0
        return amount_fen, count
