"""What must hold after a power cut, whatever it cut: held against what was promised until then."""

import asyncio

from chip import BLOCK, Chip
from host_side import acknowledge, numbers, reports
from life import NEW_IMAGE, OLD_IMAGE, Kiosk, chooser, faults, flash, till

from protocol.wire import messages

LISTS = (messages.CONFIG, messages.HOTLIST, messages.ALLOWED)


class Promises:
    """Built from what a life of the kiosk promised; copied before a second life adds its own."""

    def __init__(self, other=None):
        self.used = set(other.used) if other else set()  # numbers that a card or the host may know
        self.approved = set(other.approved) if other else set()
        self.acked = set(other.acked) if other else set()
        self.asked = set(other.asked) if other else set()  # acknowledged once, and asked for again
        self.fallen = other.fallen if other else None  # why, unless the host knows
        self.orders = dict(other.orders) if other else {}  # of tills -> number of the sale
        self.open = set(other.open) if other else set()
        self.forgotten = set(other.forgotten) if other else set()
        self.settling = other.settling if other else None
        self.untold = other.untold if other else (None, None)  # may be told anew: from, to
        self.least = dict(other.least) if other else dict.fromkeys(LISTS, 0)
        self.most = dict(other.most) if other else dict.fromkeys(LISTS, 0)
        self.heard_s = other.heard_s if other else 0
        self.images = other.images if other else (OLD_IMAGE,)

    def of_files(self):
        """What the file system was promised to hold; equal for equal promises."""
        return repr((sorted(self.least.items()), sorted(self.most.items()), self.heard_s, self.fallen))

    def __call__(self, name, *values):
        getattr(self, "on_" + name.replace(" ", "_"))(*values)

    def on_beginning(self, number):
        assert number not in self.used, ("a number a second time", number)

    def on_used(self, number):
        self.used.add(number)

    def on_approved(self, number):
        self.approved.add(number)
        self.untold = (number, number)

    def on_ordered(self, order, number):
        self.orders[order] = number

    def on_fallen(self, cause):
        self.fallen = cause

    def on_noted(self, _cause):
        self.fallen = None

    def on_telling(self, number):
        self.untold = (number, None)

    def on_told(self, _number):
        self.untold = (None, None)

    def on_open(self, number):
        self.open.add(number)

    def on_settling(self, number):
        self.settling = number

    def on_settled(self, number, own):
        self.settling = None
        self.open.discard(number)
        self.on_used(own)
        self.on_approved(own)

    def on_forgetting(self, number):
        self.open.discard(number)

    def on_forgotten(self, number):
        self.forgotten.add(number)

    def on_ended(self, number):
        self.open.discard(number)

    def on_acked(self, number):
        self.acked.add(number)
        self.asked.discard(number)

    def on_epoch_trying(self, _epoch):
        pass

    def on_asked_again(self, epoch, ranges):
        for first, last in ranges:
            for number in [(epoch, counter) for counter in range(first, last + 1)]:
                if number in self.used:
                    self.acked.discard(number)
                    self.asked.add(number)

    def on_trying(self, kind, version):
        self.most[kind] = version

    def on_in_force(self, kind, version):
        self.least[kind] = self.most[kind] = version

    def on_heard(self, now_s):
        self.heard_s = now_s

    def on_switching(self):
        self.images = (OLD_IMAGE, NEW_IMAGE)

    def on_switched(self):
        self.images = (NEW_IMAGE,)


def after(state, promises, log=None, files=True):
    """The kiosk starts again: all that was promised holds, and it works on. `log` is told each operation and
    what is promised meanwhile. files=False: not those in the file system."""
    Chip.now = Chip(state, log and log.operation)
    kiosk = Kiosk(log.promise if log else _unheard, files)
    try:
        for number in _journal(kiosk.journal, promises):
            kiosk.promise("ended", number)
        if files:
            _files(kiosk.settings, kiosk.age, promises)
        _images(promises)
        _work_on(kiosk, files)
    finally:
        kiosk.off()


def _files(settings, age, promises):
    for kind in LISTS:
        found = settings.allowed_version if kind == messages.ALLOWED else settings.versions[kind]
        assert promises.least[kind] <= found <= promises.most[kind], ("version", kind, found)
    assert not settings.list_lost, "the hotlist is lost"
    if promises.least[messages.CONFIG]:
        assert settings.config["price_fen"] == 100 + settings.versions[messages.CONFIG]
    if promises.heard_s:
        hours = age.seconds // 3600  # since the host's last word: each start counts as one
        assert 1 <= hours <= 12, ("the age of the lists is lost", hours)
    if promises.fallen:
        kept = [kept["cause"] for kept in faults.untold(flash, [])]
        assert kept == [promises.fallen], "why it fell is lost"


def _journal(journal, promises):
    """-> open sales that are settled, as it turned out."""
    for number in promises.asked:  # at the next hello the host asks again
        assert asyncio.run(journal.again(number[0], [[number[1], number[1]]])) == [], (
            "not there any more",
            number,
        )
    told = reports(journal)
    found = [number for _, number, _, _ in told]
    for number in promises.asked:
        assert number in found, ("asked for again and not told", number)
    for number in promises.approved:
        assert number in promises.acked or number in found, ("an approved sale is lost", number)
    assert len(set(found)) == len(found) == journal.pending, "reported twice, or miscounted"
    used = promises.used
    assert not used or journal.next_number() > max(used), ("a number would repeat", journal.next_number())
    for number in used | {(journal.epoch, counter) for counter in range(1, journal.counter + 1)}:
        assert number in promises.acked or number in found, ("a gap", number)
    settled = [messages.fields(kind, body) for _, _, kind, body in told if kind == messages.SETTLED]
    settled = {(values["ref_epoch"], values["ref_counter"]) for values in settled}
    still = [journal.ring.read(slot) for slot in journal.open]
    still = {(sale["epoch"], sale["counter"]) for sale in still}
    assert not still & promises.forgotten, ("open again", still)
    for order, number in promises.orders.items():  # else it could be paid twice
        sold = till.find(journal, till.HOST, order)
        assert sold and (sold["epoch"], sold["counter"]) == number, ("a till's order is forgotten", order)
    ended = promises.open - still
    for number in ended:  # a settlement may have been durable when the power went
        assert number in settled, ("an open sale is forgotten", number)
    untold = journal.untold
    untold = untold and (untold["epoch"], untold["counter"])
    if promises.untold[1]:  # a sale after it may have been durable
        assert untold and untold >= promises.untold[1], ("a customer is left untold", promises.untold)
    return ended


def _images(promises):
    active = chooser.load()[chooser.ACTIVE]
    blocks = Chip.now.state["romfs"][(chooser.SLOTS_AT + active * chooser.SLOT_BYTES) // BLOCK :]
    slot = b"".join([block.data for block in blocks])
    assert [image for image in promises.images if slot[: len(image)] == image], "no firmware"


def _unheard(*_):
    pass


def _work_on(kiosk, files):
    """Sell and report; take a newer configuration."""
    kiosk.sell(b"\x04again.")
    for number in numbers(kiosk.journal):
        kiosk.promise("acked", number)
    acknowledge(kiosk.journal)
    assert kiosk.journal.pending == 0
    if not files:
        return
    version = kiosk.settings.versions[messages.CONFIG] + 2  # the next one may have been given up
    kiosk.take(messages.CONFIG, version)
    assert kiosk.settings.versions[messages.CONFIG] == version
