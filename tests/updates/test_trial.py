"""Firmware that does not prove itself, on the simulated board: the old one runs again by itself."""

import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from protocol.wire import bundle, image_file
from simulator.board.flash import flash_firmware
from simulator.unit import KioskUnit
from tests.updates.images import END, variant

OLD, NEW = "6.0.0", "7.0.0"
NOBODY_PORT = 9
SLOT_BYTES = 63 * 4096
WAIT_S = 60.0
RECORD = struct.Struct("<4sIBBBBIII")
PROVEN, DEAD, HOST = 255, 1, 2
# The chooser's watchdog bites after 30 s; a test that waits for it has not that much time.
IMPATIENT = ("_WATCHDOG_MS = const(30_000)", "_WATCHDOG_MS = const(3_000)")
HANG = "while True:\n    pass"


def record(flash: Path) -> tuple[int, ...]:
    """(active, left, reason, floor, attempt, failed) of the slot record in force."""
    memory = flash.read_bytes()
    found = []
    for at in (0, 4096):
        raw = memory[at : at + RECORD.size]
        if zlib.crc32(raw) == struct.unpack_from("<I", memory, at + RECORD.size)[0]:
            _, counter, active, left, reason, _, *rest = RECORD.unpack(raw)
            found.append((counter, active, left, reason, *rest))
    return max(found)[1:]


Start = Callable[..., KioskUnit]


LEFT = 1 + 2 * 8  # the start that switching it on brings, and two others


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return variant(tmp_path_factory.mktemp("old"), OLD)


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return variant(tmp_path_factory.mktemp("impatient"), OLD, chooser=IMPATIENT)


@pytest.fixture
def start(tmp_path: Path, old: Path, impatient: Path) -> Iterator[Start]:
    """start(new): a kiosk that was given OLD by the workshop, and has the image `new` on trial."""
    units: list[KioskUnit] = []

    def begin(new: bytes, hangs: bool = False) -> KioskUnit:
        rom = impatient if hangs else old
        unit = KioskUnit("K1", tmp_path / "K1", rom, NOBODY_PORT)
        units.append(unit)
        unit.provision(bundle.encode("K1", 1, bytes(32), "127.0.0.1", NOBODY_PORT))
        flash = unit.kiosk.board.run_dir / "romfs.flash"
        flash_firmware(flash, rom)
        memory = bytearray(flash.read_bytes())
        at = image_file.SLOTS_AT + SLOT_BYTES
        memory[at : at + len(new)] = new
        raw = RECORD.pack(b"TLS1", 1, 1, LEFT, 0, 0, 0, 7, 0)
        memory[4096 : 4096 + len(raw) + 4] = raw + struct.pack("<I", zlib.crc32(raw))
        flash.write_bytes(memory)
        unit.power_on()
        return unit

    yield begin
    for unit in units:
        unit.stop()


def goes_back(unit: KioskUnit, reason: int) -> None:
    """The old firmware runs again, proven, and remembers what failed and why."""
    flash = unit.kiosk.board.run_dir / "romfs.flash"
    assert unit.wait_for(lambda: record(flash)[1] == PROVEN, WAIT_S), unit.kiosk.board.console.tail()
    failed = image_file.number(NEW)
    assert record(flash) == (0, PROVEN, reason, 0, 7, failed)
    assert unit.wait_for(lambda: any("journal pending" in line for line in tail(unit)), WAIT_S), tail(unit)
    assert unit.powered and unit.kiosk.board.crashes == []


def tail(unit: KioskUnit) -> list[str]:
    """What the console said since the last word of the new firmware."""
    lines = unit.kiosk.board.console.tail()
    return lines[max((at for at, line in enumerate(lines) if "new firmware" in line), default=-1) + 1 :]


SAYS = "print('new firmware')\n"


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(SAYS + "raise ValueError('broken')", id="crashes when it starts"),
        pytest.param(SAYS + "import no_such_module\nno_such_module.run()", id="lacks a module"),
        pytest.param(SAYS + HANG, id="hangs when it starts"),
        pytest.param(SAYS + "def run():\n    pass", id="ends"),
    ],
)
def test_a_firmware_that_does_not_come_up_is_left_after_three_starts(
    start: Start, tmp_path: Path, broken: str
) -> None:
    unit = start(variant(tmp_path / "new", NEW, main=(END, broken)).read_bytes(), HANG in broken)
    goes_back(unit, DEAD)
    assert sum("new firmware" in line for line in unit.kiosk.board.console.tail()) == 3


def test_a_slot_whose_file_system_is_none_leaves_the_old_firmware(start: Start) -> None:
    unit = start(image_file.make(b"\xd2\xcd\x31\x02\x00\x00", NEW, 0b11, (1, 0b10)))
    goes_back(unit, DEAD)


def test_a_firmware_that_hears_no_host_is_left(start: Start, tmp_path: Path) -> None:
    """Ten minutes are two seconds in this one."""
    new = variant(tmp_path / "new", NEW, update_trial=("TRIAL_MS = 600_000", "TRIAL_MS = 2_000"))
    goes_back(start(new.read_bytes()), HOST)


def test_a_kiosk_that_is_given_another_image_by_the_workshop_has_that(start: Start, old: Path) -> None:
    """And one that is given the same keeps what it has."""
    unit = start(old.read_bytes())
    flash = unit.kiosk.board.run_dir / "romfs.flash"
    assert record(flash)[0] == 1
    unit.power_cut()
    before = flash.read_bytes()
    unit.power_on()
    unit.power_cut()
    assert flash.read_bytes()[8192:] == before[8192:]
    unit.kiosk.board.rom.write_bytes(image_file.make(old.read_bytes()[64:], NEW, 0b11, (1, 0b10)))
    unit.power_on()
    unit.power_cut()
    assert flash.read_bytes()[:8192] == b"\xff" * 8192
