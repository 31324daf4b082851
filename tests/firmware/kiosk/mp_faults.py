"""What went wrong is kept until the host has it: bounded, whole, and whatever the flash holds."""

from disk import Disk

from kiosk import faults
from protocol.wire import cbor
from protocol.wire.faults import CAUSE_MAX, RESTART

UNKEPT = []


def note(disk, source="reader", cause="reader is silent", uptime_s=5):
    return faults.note(disk, UNKEPT, source, cause, uptime_s, 1700000000, "0.1.0")


def test_it_is_told_until_the_host_has_noted_it():
    disk = Disk()
    assert faults.untold(disk, UNKEPT) == []
    note(disk)
    (kept,) = faults.untold(disk, UNKEPT)
    assert (kept["source"], kept["cause"], kept["count"]) == ("reader", "reader is silent", 1)
    assert "nonce" not in kept  # it is of the session that tells it
    faults.told(disk, UNKEPT, b"another!")
    assert faults.untold(disk, UNKEPT) == [kept]
    faults.told(disk, UNKEPT, kept["fault"])
    assert faults.untold(disk, UNKEPT) == []


def test_what_goes_on_is_one_fault_and_costs_no_flash():
    disk = Disk()
    for _ in range(1000):
        note(disk)
    assert (len(faults.untold(disk, UNKEPT)), disk.writes) == (1, 1)


def test_restarts_in_a_row_are_counted_also_when_the_host_knows_of_them():
    disk = Disk()
    assert [note(disk, RESTART) for _ in range(3)] == [1, 2, 3]
    faults.told(disk, UNKEPT, faults.untold(disk, UNKEPT)[0]["fault"])
    assert faults.untold(disk, UNKEPT) == []
    assert note(disk, RESTART) == 4
    assert note(disk, RESTART, uptime_s=faults.STEADY_S) == 1
    assert len(faults.untold(disk, UNKEPT)) == 1


def test_pauses_grow_and_are_bounded():
    assert [faults.pause_s(count) for count in (1, 2, 3, 7, 8, 4_000_000_000)] == [1, 2, 4, 64, 64, 64]


def test_few_are_kept_and_the_newest_are():
    disk = Disk()
    for source in ("a", "b", "c", "d", "e"):
        note(disk, source)
    assert [kept["source"] for kept in faults.untold(disk, UNKEPT)] == ["b", "c", "d", "e"]
    assert len(disk.files[faults.PATH]) < 4096


def test_any_cause_fits_the_message():
    for cause in ("x" * 1000, "line\nbreak \u00e4\U0001f600", ""):
        disk = Disk()
        note(disk, cause=cause)
        (kept,) = faults.untold(disk, UNKEPT)
        assert 1 <= len(kept["cause"]) <= CAUSE_MAX


def test_a_damaged_file_is_no_file():
    disk = Disk()
    for damaged in (b"", b"\xff", b"\x01", cbor.encode([1]), cbor.encode([{1: b"x"}]), b"\x81\xa1\x01"):
        disk.files[faults.PATH] = damaged
        assert faults.untold(disk, UNKEPT) == []
        note(disk)
        assert len(faults.untold(disk, UNKEPT)) == 1


def test_a_full_flash_does_not_stop_whoever_tells():
    disk = Disk()
    disk.full = True
    assert note(disk, RESTART) == 1
    (kept,) = faults.untold(disk, UNKEPT)  # in memory alone
    assert kept["source"] == RESTART
    faults.told(disk, UNKEPT, kept["fault"])
    assert faults.untold(disk, UNKEPT) == []
    for _ in range(3):
        note(disk, "flash", "no space")
    assert len(faults.untold(disk, UNKEPT)) == 1
    disk.full = False
    note(disk)
    assert [kept["source"] for kept in faults.untold(disk, UNKEPT)] == ["reader", "flash"]
