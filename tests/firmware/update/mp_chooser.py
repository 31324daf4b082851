"""Which slot starts: trials are counted, and end in the old slot; power cuts in the record leave one of
two.
"""

MICROPYTHON_ONLY = True

import sys

import rig
from rig import Flash, Machine, Off, chooser, on, put

ACTIVE, LEFT, PROVEN = chooser.ACTIVE, chooser.LEFT, chooser.PROVEN


class Firmware:
    """`main` of whatever slot was mounted; `ends` is raised by its run()."""

    ends = None

    @staticmethod
    def run():
        Machine.said.append("ran %d" % chooser.running)
        if Firmware.ends:
            raise Firmware.ends


sys.modules["main"] = Firmware
chooser.time = type("Time", (), {"sleep_ms": staticmethod(lambda ms: Machine.said.append("waited"))})
chooser.sys = type("Sys", (), {"path": ["/rom"], "print_exception": staticmethod(lambda error: None)})


def start(broken=()):
    """One start of the chip -> the slot that ran, None when none could be mounted."""
    Machine.said = []
    chooser._mount = lambda slot: slot not in broken
    try:
        chooser.run()
    except Off:
        pass
    assert Machine.said[0] == "watchdog" and Machine.said[-1] == "reset", Machine.said
    return chooser.running


def trying(left=chooser.TRIES):
    """Slot 0 has 1.0.0, proven; slot 1 has 1.1.0 on trial."""
    flash = on(Flash())
    put(flash, 0, 1000000)
    put(flash, 1, 1001000)
    record = chooser.load()
    record[ACTIVE], record[LEFT], record[chooser.ATTEMPT] = 1, left, 7
    chooser.store(record)
    return flash


def test_a_kiosk_from_the_workshop_starts_its_first_slot_and_writes_nothing():
    flash = on(Flash())
    put(flash, 0, 1000000)
    assert start() == 0
    assert flash.operations == 0


def test_a_trial_has_three_starts_and_then_the_old_slot_runs_for_good():
    trying()
    assert [start() for _ in range(5)] == [1, 1, 1, 0, 0]
    record = chooser.load()
    assert record[1:] == [0, PROVEN, chooser.DEAD, 0, 7, 1001000], record


def starts_after(cause, most=99):
    """How often the new firmware is started after resets of this cause."""
    Machine.cause = cause
    try:
        for count in range(most):
            if start() == 0:
                return count
        return most
    finally:
        Machine.cause = Machine.HARD_RESET


def test_mains_that_fail_amid_a_trial_are_no_fault_of_the_firmware():
    trying()
    assert start() == 1, "the restart of the update itself"
    assert starts_after(Machine.PWRON_RESET, 10) == 10
    record = chooser.load()
    record[LEFT] = PROVEN
    chooser.store(record)
    assert starts_after(Machine.PWRON_RESET, 5) == 5


def test_a_firmware_that_pulls_the_power_down_at_each_start_ends_in_the_old_slot():
    trying()
    assert starts_after(Machine.PWRON_RESET) == chooser.TRIES
    assert chooser.load()[1:4] == [0, PROVEN, chooser.DEAD]


def test_crashes_between_power_cuts_count_as_ever():
    trying()
    assert [starts_after(cause, 1) for cause in (2, 1, 3, 1, 2)] == [1] * 5
    assert starts_after(Machine.WDT_RESET) == 0


def test_a_firmware_that_proved_itself_stays():
    trying()
    start()
    record = chooser.load()
    record[LEFT], record[chooser.FLOOR] = PROVEN, 1001000
    chooser.store(record)
    assert [start() for _ in range(5)] == [1] * 5
    assert chooser.load()[1:] == [1, PROVEN, 0, 1001000, 7, 0]


def test_a_firmware_that_crashes_is_started_again_after_a_while():
    on(Flash())
    Firmware.ends = ValueError("broken")
    start()
    Firmware.ends = None
    assert Machine.said == ["watchdog", "ran 0", "waited", "reset"]


def test_what_is_no_fault_of_a_firmware_reaches_the_console():
    """Ctrl-C of somebody at the console, or what a chip cannot do."""
    on(Flash())
    Firmware.ends = KeyboardInterrupt()
    try:
        chooser._mount = lambda slot: True
        chooser.run()
    except KeyboardInterrupt:
        assert Machine.said == ["watchdog", "ran 0"]
        return
    finally:
        Firmware.ends = None
    raise AssertionError("swallowed")


def test_a_slot_that_cannot_be_mounted_leaves_the_other_one():
    on(Flash())
    assert start(broken=(0,)) == 1
    assert chooser.load()[ACTIVE] == 0


def test_a_trial_that_cannot_be_mounted_is_over_after_its_starts():
    trying()
    assert [start(broken=(1,)) for _ in range(4)] == [0] * 4
    assert chooser.load()[1:4] == [0, PROVEN, chooser.DEAD]


def test_flash_that_keeps_no_record_ends_a_trial_at_once():
    flash = trying()
    flash.writeblocks = lambda *_: None
    assert start() == 0


def test_a_chip_without_the_partition_says_what_to_do():
    on(type("None", (), {"TYPE_DATA": 1, "find": staticmethod(lambda _type, label: [])}))
    try:
        chooser.load()
    except RuntimeError as error:
        assert "flash the kiosk again" in str(error)
        return
    raise AssertionError("found")


def test_random_bytes_are_no_record():
    flash = on(Flash())
    for seed in range(20):
        for i in range(64):
            flash.memory[i] = flash.memory[4096 + i] = (i * 7919 + seed * 104729) >> 3 & 0xFF
        assert chooser.load() == [0, 0, PROVEN, 0, 0, 0, 0]


def test_power_may_go_at_any_operation_of_a_record():
    """Of each change the state before or the state after is there, and the next change can be made."""
    cuts = []

    def before(at, new):
        for way in rig.WAYS:
            for seed in range(1, 9):
                cuts.append((way, bytes(rig.cut(flash.memory, at, new, way, seed)[:8192])))

    flash = trying()
    flash.before = before
    for _ in range(6):  # each copy is written thrice
        old = chooser.load()
        new = old[:]
        new[LEFT] = 1 if old[LEFT] != 1 else 2
        new[chooser.FLOOR] += 1
        del cuts[:]
        flash.before = before
        chooser.store(new[:])
        flash.before = None
        new[0] += 1
        kept = bytes(flash.memory[:8192])
        assert len(cuts) == 2 * 4 * 8
        for way, memory in cuts:
            flash.memory[:8192] = memory
            found = chooser.load()
            assert found in (old, new), (way, found)
            found[chooser.FAILED] = 5
            chooser.store(found)
            assert chooser.load() == found
        flash.memory[:8192] = kept
