"""What runs on the chip between boot and power cut: the firmware's own parts over the flash, and what each
act promised. A promise is noted when somebody outside was told: a customer, or the host."""

import asyncio
import sys

HERE = __file__.rsplit("/", 1)[0]
sys.path.extend([HERE + "/../kiosk", HERE + "/../update"])

import offers  # noqa: E402
import vfs  # noqa: E402
from chip import BLOCK, Chip, Partition, Vfs  # noqa: E402
from mp_allowed import message as allowed  # noqa: E402
from mp_settings import DOWN, SEAL, config, hotlist  # noqa: E402
from rig import chooser  # noqa: E402

from hal import flash, mount  # noqa: E402  (before rig, which has an esp32 of its own)
from kiosk import faults, probation, replay, resend, till  # noqa: E402, F401  (once the chip's own files are at /, nothing more can be imported)
from kiosk.age import Age  # noqa: E402
from kiosk.journal import Journal  # noqa: E402
from kiosk.settings import Settings  # noqa: E402
from net.outbox import Outbox  # noqa: E402
from protocol.wire import faults as wire  # noqa: E402
from protocol.wire import messages  # noqa: E402
from update import fetch, follow, task  # noqa: E402, F401

chooser.Partition, mount.vfs = Partition, Vfs
NUMBER, FIRST_EPOCH = 5, 1
OLD_IMAGE, NEW_IMAGE = offers.packed(offers.rom(500, 9), offers.OLD), offers.packed(offers.rom(7000))
BROKEN_KEYS = b"x" * 32  # role keys sealed for somebody else
PURSE = {"issue": 1, "amount_fen": 100, "tmc": 7, "value_fen": 1000, "happened_s": 1_700_000_000}


class Kiosk:
    """One life, from power on. promise(name, *values) is called after what it tells of is durable."""

    def __init__(self, promise, files=True):
        """files=False: the file system stays unread."""
        self.promise, self.host_s, self._files = promise, 1_700_000_000, files
        self.journal = Journal(flash.partition("journal"), NUMBER, FIRST_EPOCH)
        chooser.running = chooser.load()[chooser.ACTIVE]
        if files:
            mount.mount_root()
            self.settings = Settings("K1", DOWN, SEAL, flash)
            self.age = Age(flash, lambda: self.host_s, lambda _seconds: None)

    def off(self):
        """The power is gone already, or goes now."""
        if self._files:
            vfs.umount("/")

    # the counter

    def restart(self):
        """The power goes for a moment."""
        self.off()
        self.__init__(self.promise)

    def fall(self, cause):
        """Something died; why is kept for the host."""
        faults.note(flash, [], wire.RESTART, cause, 60, self.host_s, "1.0.0")
        self.promise("fallen", cause)
        self.restart()

    def hear_of_it(self):
        """The host notes it."""
        [kept] = faults.untold(flash, [])
        self.promise("noted", kept["cause"])
        faults.told(flash, [], kept["fault"])

    def sell(self, uid, told=True, order=0):
        """order: of a till at the host."""
        journal = self.journal
        number = journal.next_number()
        self.promise("beginning", number)
        sale = dict(PURSE, uid=uid, ref_counter=order)
        assert journal.intent(sale) == number
        self.promise("used", number)  # from here on the card may be told to commit
        journal.done(dict(sale, tmc=8, tmv=b"12345678"))
        self.promise("approved", number)
        if order:
            self.promise("ordered", order, number)
        if told:
            self.told(number)
        return number

    def told(self, number):
        self.promise("telling", number)
        self.journal.shown()
        self.promise("told", number)

    def lose(self, uid):
        """A sale whose answer never came."""
        number = self.journal.next_number()
        self.journal.intent(dict(PURSE, uid=uid))
        self.promise("used", number)
        self.journal.unknown()
        self.promise("open", number)

    def settle(self, uid):
        sale = self.journal.open_for(uid)
        number = sale["epoch"], sale["counter"]
        self.promise("settling", number)
        own = self.journal.settle(number, dict(PURSE, uid=uid, tmc=8, tmv=b"12345678", paid=1))
        self.promise("settled", number, own)
        self.told(own)

    def forget(self, uid):
        """The host says that this card need not be waited for."""
        sale = self.journal.open_for(uid)
        self.promise("forgetting", (sale["epoch"], sale["counter"]))
        resend.closed(self.journal, sale["epoch"], [[sale["counter"], sale["counter"]]])
        self.promise("forgotten", (sale["epoch"], sale["counter"]))

    def pay(self, uid, taken):
        """A payment that the host decides."""
        asked = {"uid": uid, "amount_fen": 100, "happened_s": 1_700_000_000}
        number = self.journal.ask(asked)
        self.promise("used", number)
        if not taken:
            self.journal.unknown()
            return
        self.journal.taken(dict(asked, value_fen=900))
        self.promise("approved", number)
        self.told(number)

    # the host

    def take(self, kind, version, good=True):
        """A message with configuration or a list."""
        if kind == messages.ALLOWED:
            values, whole = allowed(version, version - 1, version % 3, range(version, version + 40))
            body = messages.body(kind, **values)
        elif kind == messages.HOTLIST:
            body, whole = hotlist(version, [b"%07d" % n for n in range(version * 9)])
        else:
            body, whole = config(version, 100 + version, seal_key=SEAL if good else BROKEN_KEYS)
        self.promise("trying", kind, version)
        settings = self.settings
        said = settings.take(kind, body, whole)
        if kind == messages.CONFIG:
            assert said != good, "a rejection is said"
            if good:
                assert settings.switch()
                settings.heard(0)
                settings.heard(60_001)  # on trial until the host was heard for so long
                assert not settings.trying
        else:
            assert said
        self.promise("in force", kind, version if good else version - 1)

    def give_up(self, version):
        """A configuration by which the host is never heard: after three starts the old one is back."""
        self.promise("trying", messages.CONFIG, version)
        body, whole = config(version, 100 + version)
        self.settings.take(messages.CONFIG, body, whole)
        for _ in range(probation.STARTS + 1):
            self.restart()
        assert self.settings.versions[messages.CONFIG] == version - 1
        self.promise("in force", messages.CONFIG, version - 1)

    def welcome(self):
        """The host says that the lists are the newest; time goes on."""
        self.host_s += 7200
        held = self.settings.held()
        self.age.welcomed({"now_s": self.host_s, "hotlist": held["hotlist"], "allowed": held["allowed"]})
        self.age.compare(self.settings)
        self.promise("heard", self.host_s)

    def epoch(self, epoch):
        self.promise("epoch trying", epoch)
        self.journal.begin_epoch(epoch)

    def sync(self, held=lambda number: True, missing=()):
        """One session: the host acknowledges what it gets, or what held(number) says."""
        asyncio.run(self._sync(held, missing))

    async def _sync(self, held, missing):
        outbox = Outbox(self.journal)
        for epoch, ranges in missing:
            self.promise("asked again", epoch, ranges)
            outbox.asked({"epoch": epoch, "missing": ranges})
        while await outbox.next() is not None:
            for number in sorted(outbox.sent):
                if held(number):
                    self.promise("acked", number)  # the ledger has it, whatever becomes of the answer
            for epoch in sorted({number[0] for number in outbox.sent}):
                counters = [n for e, n in outbox.sent if e == epoch and held((e, n))]
                outbox.acknowledged(epoch, 0, [], counters)

    def update(self):
        """An image for the other slot, and the switch to it."""
        offers.chooser = chooser
        host = offers.Host(NEW_IMAGE)
        updates = offers.updating(host)
        assert asyncio.run(fetch.fetch(updates, host.offer())) == fetch.HELD
        record = chooser.load()
        record[chooser.ACTIVE], record[chooser.LEFT] = 1 - chooser.running, chooser.TRIES
        self.promise("switching")
        chooser.store(record)
        self.promise("switched")
        record[chooser.LEFT], record[chooser.FLOOR] = chooser.PROVEN, offers.NEW
        chooser.store(record)


def flashed():
    """The chip as the workshop left it."""
    Chip.now = Chip()
    Chip.now.apply("romfs", chooser.SLOTS_AT // BLOCK, 0, OLD_IMAGE)  # shorter than a block
    return Chip.now
