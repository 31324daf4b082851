"""A new firmware is started between two sales, proves itself or goes back, and the host is told how it
ended.
"""

MICROPYTHON_ONLY = True

import asyncio

from offers import NEW, OLD, Host, Teller, kiosk, packed, put, rom, updating
from rig import WAYS, Flash, Machine, Off, chooser, cut, on

from protocol.wire import messages, updates
from update import follow, trial

CONTENT = packed(rom(3000))
follow.FLUSH_MS = trial.LOOK_MS = 1


class Serving(Teller):
    """A teller that runs an errand between two sales; the first one gives way to somebody else's."""

    async def run(self):
        for _ in range(2):
            while self.errand is None:
                await asyncio.sleep_ms(5)
            errand, self.errand = self.errand, None
        await errand(self)


def switched(flash=None):
    """A kiosk that was offered CONTENT -> what it said by the restart."""
    flash = flash or kiosk()
    host, teller = Host(CONTENT), Serving()
    updating(host, teller)
    host.task.put(updates.UPDATE, host.offer())

    async def both():
        await asyncio.gather(host.task.run(), teller.run())

    try:
        asyncio.run(both())
    except Off:
        return host.said
    raise AssertionError("no restart")


def test_an_offer_ends_in_a_restart_on_trial():
    kiosk()
    assert switched(chooser.Partition) == [
        (7, updates.FETCHING, OLD, NEW, ""),
        (7, updates.SWITCHING, OLD, NEW, ""),
    ]
    assert chooser.load()[1:] == [1, chooser.TRIES, 0, 0, 7, 0]
    assert Machine.said == ["reset"]


def test_power_may_go_at_any_operation_of_the_switch():
    """The old one runs, proven, or the new one is on trial: no third."""
    cuts = []
    flash = kiosk()

    def before(at, new):
        if at < chooser.SLOTS_AT:
            for way in WAYS:
                for seed in (1, 5, 9):
                    cuts.append(bytes(cut(flash.memory, at, new, way, seed)))

    flash.before = before
    switched(flash)
    assert len(cuts) == 2 * 4 * 3
    for memory in cuts:
        on(Flash(bytearray(memory)))
        assert chooser.load()[1:3] in ([0, chooser.PROVEN], [1, chooser.TRIES])


def started():
    """The new firmware runs, on trial."""
    flash = kiosk()
    put(flash, 1, CONTENT)
    record = chooser.load()
    record[1:] = [1, 2, 0, 0, 7, 0]
    chooser.store(record)
    chooser.running = 1
    return flash


def watched(host, teller, wait_ms=400):
    """Run the task for a while; True when the chip was reset."""
    task = updating(host, teller)

    async def for_a_while():
        try:
            await asyncio.wait_for_ms(task.run(), wait_ms)
        except asyncio.TimeoutError:
            pass

    try:
        asyncio.run(for_a_while())
    except Off:
        return True
    return False


def test_a_kiosk_that_is_well_and_heard_is_confirmed_and_takes_nothing_older():
    started()
    host = Host(CONTENT)
    assert not watched(host, Teller(), 1300)
    assert host.said == [(7, updates.CONFIRMED, NEW, NEW, "")], host.said
    assert chooser.load()[1:] == [1, chooser.PROVEN, 0, NEW, 7, 0]
    chooser.running = 1
    older = Host(packed(rom(100), NEW - 1), rollout=8)
    task = updating(older, Teller())
    task.put(updates.UPDATE, older.offer())
    assert not watched_task(task)
    assert older.said == [(8, updates.REFUSED, NEW, NEW - 1, "old")]


def welcomed(task):
    task.link.online = False
    task.put(messages.WELCOME, {})
    task.link.online = True


def watched_task(task):
    async def for_a_while():
        try:
            await asyncio.wait_for_ms(task.run(), 300)
        except asyncio.TimeoutError:
            pass

    try:
        asyncio.run(for_a_while())
    except Off:
        return True
    return False


def test_without_the_host_or_a_reader_it_goes_back_and_says_why():
    for online, state, word in (
        (False, "CARD_WAIT", "host"),
        (True, "OUT_OF_SERVICE", "unwell"),
        (True, "BOOT", "unwell"),
    ):
        flash = started()
        trial.TRIAL_MS = 50
        host, teller = Host(CONTENT), Teller()
        host.online, teller.state, teller.reason = online, state, "reader"
        assert watched(host, teller, 3000), word
        chooser.running = 0
        assert chooser.load()[1:] == [0, chooser.PROVEN, trial.WORDS.index(word), 0, 7, NEW]
        back = Host(CONTENT)
        task = updating(back, Teller())
        welcomed(task)
        task.put(updates.UPDATE, back.offer())  # of the same roll-out: it has had its answer
        assert not watched_task(task)
        assert set(back.said) == {(7, updates.BACK, OLD, NEW, word)}, back.said
        assert flash.memory is chooser.Partition.memory


def test_a_card_that_is_served_is_let_go_before_the_chip_starts_again():
    started()
    trial.TRIAL_MS = 50
    host, teller = Host(CONTENT), Teller()
    host.online, teller.serving = False, True
    assert not watched(host, teller, 1500), "the card is still there"
    started()
    host, teller = Host(CONTENT), Teller()
    teller.serving = True
    assert not watched(host, teller, 40)
    assert chooser.load()[chooser.LEFT] == 2, "nor is flash erased under a sale"


def test_a_slot_record_that_flash_does_not_keep_leaves_the_old_one_running():
    flash = kiosk()
    host, teller = Host(CONTENT), Serving()

    def before(at, new):
        if at < chooser.SLOTS_AT:
            raise OSError(5)

    flash.before = before
    task = updating(host, teller)
    task.put(updates.UPDATE, host.offer())

    async def both():
        running = asyncio.create_task(task.run())
        while teller.errand is None:
            await asyncio.sleep_ms(5)
        errand, teller.errand = teller.errand, None
        await errand(teller)
        running.cancel()

    asyncio.run(both())
    assert host.said[-1] == (7, updates.REFUSED, OLD, NEW, "flash") and Machine.said == []
    assert chooser.load()[1:3] == [0, chooser.PROVEN]


def test_a_kiosk_that_was_out_of_service_for_another_reason_is_well():
    for reason, well in (("full", True), ("reader", False), ("setup", False), ("other", False)):
        teller = Teller()
        teller.state, teller.reason = "OUT_OF_SERVICE", reason
        assert trial.is_well(teller) == well, reason


def test_a_kiosk_that_never_was_updated_says_what_runs():
    kiosk()
    host = Host(CONTENT)
    task = updating(host)
    welcomed(task)
    assert not watched_task(task)
    assert host.said == [(0, updates.STEADY, OLD, 0, "")]


def test_a_refusal_is_said_again_at_each_welcome_and_another_roll_out_is_another_matter():
    flash = kiosk()
    host = Host(CONTENT, secret=bytes(32))
    task = updating(host)
    task.put(updates.UPDATE, host.offer())
    welcomed(task)
    assert not watched_task(task)
    welcomed(task)
    assert not watched_task(task)
    assert host.said[-2:] == [(7, updates.REFUSED, OLD, NEW, "mac")] * 2, host.said
    assert flash.operations == 0, "a refusal costs no flash"
    better = Host(CONTENT, rollout=8)
    better.task, task.link = task, better
    task.put(updates.UPDATE, better.offer())
    assert not watched_task(task)
    assert better.said[0][:2] == (8, updates.FETCHING)


def test_a_restored_host_may_give_a_number_again_to_another_image():
    flash = kiosk()
    record = chooser.load()
    record[chooser.ATTEMPT], record[chooser.FAILED] = 7, OLD + 5
    chooser.store(record)
    host = Host(CONTENT)
    task = updating(host)
    task.put(updates.UPDATE, host.offer())
    assert not watched_task(task)
    assert host.said[0] == (7, updates.FETCHING, OLD, NEW, "")
    assert flash.operations > 2
