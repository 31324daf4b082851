"""What is run to flash a kiosk, as argument lists, in order.

1. esptool writes MicroPython (the user's file) and our partition table; the rest of the chip is erased.
2. mpremote makes the file system and puts device file and bundle into it: before there is a firmware that
   would run, for the chip then waits a second between two starts, in which it can be spoken to.
3. esptool writes the firmware into the first slot. From then on the kiosk runs.
"""

import stat
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from host.errors import HostError
from host.flashing import partitions
from protocol.wire import image, image_file

BAUD = 460_800
CHIPS = {"wroom32": ("esp32", 0x1000), "s3": ("esp32s3", 0x0)}  # esptool's name, where MicroPython begins
TOOLS = ("esptool", "mpremote")
MOUNT = """\
import vfs
from esp32 import Partition
part = Partition.find(Partition.TYPE_DATA, label='vfs')[0]
try:
    vfs.mount(part, '/')
except OSError as error:
    if error.errno != 1:
        vfs.VfsLfs2.mkfs(part)
        vfs.mount(part, '/')
"""


@dataclass(frozen=True)
class Job:
    """What goes onto a chip; bundle None: it will be paired. Paths of files; table and device are made."""

    board: str
    port: str
    micropython: Path
    table: Path
    device: Path
    bundle: Path | None
    firmware: Path


def commands(job: Job, layout: dict[str, partitions.Partition]) -> list[list[str]]:
    """The argument lists; HostError when the partition table has no place for the firmware."""
    chip, start = CHIPS[job.board]
    if "romfs" not in layout or "vfs" not in layout or "journal" not in layout:
        raise HostError("The partition table needs romfs, vfs and journal: see firmware/partitions.csv.")
    slot = layout["romfs"].offset + image_file.SLOTS_AT
    esptool = [sys.executable, "-m", "esptool", "--chip", chip, "--port", job.port, "--baud", str(BAUD)]
    mpremote = [sys.executable, "-m", "mpremote", "connect", job.port, "resume"]
    copies = ["fs", "cp", str(job.device), ":/device.cbor"]
    if job.bundle is not None:
        copies += ["+", "fs", "cp", str(job.bundle), ":/bundle.cbor"]
    return [
        [*esptool, "erase-flash"],
        [*esptool, "write-flash", hex(start), str(job.micropython), hex(partitions.AT), str(job.table)],
        [*mpremote, "exec", MOUNT, "+", *copies, "+", "exec", "vfs.umount('/')"],
        [*esptool, "write-flash", hex(slot), str(job.firmware)],
    ]


def check_tools() -> None:
    """HostError with what to install."""
    missing = [name for name in TOOLS if find_spec(name) is None]
    if missing:
        what = " and ".join(missing)
        raise HostError(f"{what} is not installed here: run `pip install 'tapledger[flash]'` first.")


def check_port(port: str) -> None:
    """HostError unless there is such a serial line; names those that are there."""
    try:
        good = stat.S_ISCHR(Path(port).stat().st_mode)
    except OSError:
        good = False
    if not good and not port.upper().startswith("COM"):
        from serial.tools import list_ports

        there = ", ".join(sorted(one.device for one in list_ports.comports())) or "none"
        raise HostError(f"There is no serial line {port}. Plugged in: {there}.")


def check_files(job: Job, layout: dict[str, partitions.Partition]) -> None:
    """HostError when MicroPython or the firmware is not what it should be."""
    start = CHIPS[job.board][1]
    most = layout["factory"].offset + layout["factory"].size - start if "factory" in layout else 0
    _check_size(job.micropython, "MicroPython", most)
    try:
        with job.micropython.open("rb") as file:
            magic = file.read(1)
        header = image_file.check(job.firmware.read_bytes())
    except OSError as error:
        raise HostError(f"{error.filename} cannot be read: {error.strerror}.") from None
    except image.ImageError as error:
        raise HostError(
            f"{job.firmware} is no firmware image: {error}. `make firmware` makes firmware.img."
        ) from None
    if magic != b"\xe9":
        raise HostError(f"{job.micropython} is no image of an ESP32's program: it begins otherwise.")
    kind = list(CHIPS).index(job.board)
    if not header["boards"] >> kind & 1:
        raise HostError(f"{job.firmware} is for other boards than {job.board}.")


def _check_size(path: Path, what: str, most: int) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise HostError(f"{what}'s file {path} cannot be read: {error.strerror}.") from None
    if not 0 < size <= most:
        raise HostError(f"{what}'s file {path} has {size} bytes, and there is room for {most}.")
