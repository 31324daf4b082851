"""Power cut at every flash operation of a kiosk's day, and 10,000 times again during what it does then."""

import os
import re
import resource
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.micropython import micropython

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
DOUBLE_CUTS, PARTS = 10_000, 2
CPU_S_MAX = 30 * PARTS  # 21 s were measured, both together


def sweep(*words: int, firmware: Path = ROOT / "firmware") -> subprocess.Popen[str]:
    tests = (HERE, HERE.parent / "kiosk", HERE.parent / "update")
    path = ":".join(str(one) for one in (firmware, ROOT, *tests, ".frozen"))
    return subprocess.Popen(
        [micropython(), "-X", "heapsize=64M", str(HERE / "sweep.py"), *map(str, words)],
        env={**os.environ, "MICROPYPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def counted(running: subprocess.Popen[str]) -> tuple[int, int, int]:
    """(operations of the day, cuts, double cuts) that a sweep printed at its end; else the cut that it fell
    over."""
    said, _ = running.communicate()
    found = re.search(r"^operations (\d+) cuts (\d+) double cuts (\d+)$", said, re.MULTILINE)
    assert running.returncode == 0 and found, said
    return int(found[1]), int(found[2]), int(found[3])


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_nothing_promised_is_lost_whatever_operation_the_power_cuts() -> None:
    began_s = cpu_s()
    running = [sweep(part, PARTS, part + 1, DOUBLE_CUTS // PARTS) for part in range(PARTS)]
    operations, single, double = zip(*map(counted, running), strict=True)
    assert min(operations) == max(operations) > 500
    assert sum(single) == 4 * operations[0]
    assert sum(double) == DOUBLE_CUTS
    assert cpu_s() - began_s < CPU_S_MAX


@pytest.mark.parametrize(
    "module, old, new",
    [
        ("kiosk/record.py", "if crc32(memoryview(buffer)[offset:end]) != int", "if 0 != 0 and int"),
        (
            "kiosk/ring.py",
            "if self._buffer == record.BLANK:\n                break\n            head",
            "break\n            head",
        ),
        ("kiosk/ring.py", "wanted // PER_BLOCK * PER_BLOCK + self.slots - self.head", "self.slots"),
        ("kiosk/journal.py", "            self._write(kind, number, values)\n", "            pass\n"),
        ("kiosk/journal.py", '"tmc": self.tail', '"tmc": self.ring.head'),
        ("kiosk/journal.py", "self.counter += 1", "self.counter += 0"),
        ("kiosk/book.py", "if kind == record.INTENT:", "if kind == 99:"),
        ("kiosk/resend.py", "        journal.want_again(serial)\n        gone", "        gone"),
        ("hal/flash.py", 'beside = path + ".new"', "beside = path"),
        ("chooser.py", "record[0] & 1", "0"),
    ],
)
def test_the_sweep_notices_a_firmware_that_is_wrong(tmp_path: Path, module: str, old: str, new: str) -> None:
    firmware = shutil.copytree(ROOT / "firmware", tmp_path / "firmware")
    source = (firmware / module).read_text(encoding="utf-8")
    assert source.count(old) == 1
    (firmware / module).write_text(source.replace(old, new), encoding="utf-8")
    said, _ = (running := sweep(0, PARTS, 1, 0, firmware=firmware)).communicate()
    assert running.returncode != 0, said
