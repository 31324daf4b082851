"""What the journal's slots say, in memory: numbers used and acknowledged, sales open, customers not told."""

from kiosk import record, reports
from kiosk.acks import Acks


class Book:
    """Built by take() from one slot after the other, as they are written and after a restart."""

    def __init__(self, first_epoch: int) -> None:
        self.epoch, self.counter = first_epoch, 0
        self.acks: dict[int, Acks] = {}
        self.open: dict = {}  # (epoch, counter) -> INTENT record whose outcome is unknown
        self.unsettled: set = set()  # numbers whose INTENT or ASKED is the report, unless under way
        self.untold: dict | None = None  # the last paid sale, while its customer was not told
        self.last_uid = b""  # the card that paid last: it may still lie there after a restart
        self.current: tuple[int, int] | None = None  # number of the sale under way

    def take(self, values: dict) -> None:
        """A slot that was written; after a restart each one, oldest first."""
        number = (values["epoch"], values["counter"])
        kind = values["kind"]
        if kind == record.CHECKPOINT:
            acks = self.acks_of(values["epoch"])
            acks.upto = max(acks.upto, values["counter"])
            number = (values["ref_epoch"], values["ref_counter"])
        elif kind == record.INTENT:
            self.open[number] = values
            self.unsettled.add(number)
        elif kind == record.ASKED:
            self.unsettled.add(number)
        elif kind in (record.DONE, record.TAKEN):
            self.open.pop(number, None)
            self.unsettled.discard(number)
        elif kind == record.SETTLED:
            self.open.pop((values["ref_epoch"], values["ref_counter"]), None)
        paid = kind in (record.DONE, record.TAKEN) or (kind == record.SETTLED and values["paid"])
        if kind == record.SHOWN:
            self.untold = None
        elif paid:
            self.untold = values
        if paid or kind == record.CHECKPOINT:
            self.last_uid = values["uid"]
        acks = self.acks_of(number[0])
        acks.used = max(acks.used, number[1])
        if number > (self.epoch, self.counter):
            self.epoch, self.counter = number

    def acks_of(self, epoch: int) -> Acks:
        """What is acknowledged of an epoch, new if need be."""
        if epoch not in self.acks:
            self.acks[epoch] = Acks()
        return self.acks[epoch]

    def holds(self, number: tuple[int, int]) -> bool:
        """Has the host acknowledged this number?"""
        return number[0] in self.acks and self.acks[number[0]].holds(number[1])

    def assume_held(self, wanted) -> int:  # type: ignore[no-untyped-def]
        """What lies below an epoch's oldest wanted report was acknowledged. -> how many are wanted."""
        count = 0
        lowest: dict[int, int] = {}
        for values in wanted:
            count += 1
            epoch, counter = values["epoch"], values["counter"]
            lowest[epoch] = min(lowest.get(epoch, counter), counter)
        for epoch, acks in self.acks.items():
            acks.upto = max(acks.upto, lowest.get(epoch, acks.used + 1) - 1)
        return count

    def wants(self, values: dict) -> bool:
        """Is this slot a report that the host has not acknowledged?"""
        number = (values["epoch"], values["counter"])
        if values["kind"] not in reports.KIND or self.holds(number):
            return False
        if values["kind"] in (record.INTENT, record.ASKED):
            return number in self.unsettled and number != self.current
        return True

    def open_for(self, uid: bytes) -> dict | None:
        """The oldest unsettled sale of this card."""
        for number in sorted(self.open):
            if self.open[number]["uid"] == uid and number != self.current:
                return self.open[number]
        return None
