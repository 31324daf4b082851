"""Flash images as files: one file a partition, byte for byte what the chip holds. The model itself runs in
the shim.
"""

import hashlib
from pathlib import Path
from typing import Final

from protocol.wire import image_file
from protocol.wire.image import ImageError
from simulator.board.process import BoardError

# Address and size of the partitions that the firmware reaches; firmware/partitions.csv has the same.
PARTITIONS: Final = {
    "romfs": (0x200000, image_file.PARTITION_BYTES),
    "vfs": (0x280000, 0x80000),
    "journal": (0x300000, 0x100000),
}
ERASED: Final = 0xFF


def ensure_image(path: Path) -> None:
    """Make an erased image, of the partition that the file is named after, where there is none.

    Raises BoardError on a file of another size: it is no image of this board and must not be overwritten.
    """
    _, wanted = PARTITIONS[path.stem]
    if not path.exists():
        _write(path, bytes([ERASED]) * wanted)
    elif path.stat().st_size != wanted:
        size = path.stat().st_size
        raise BoardError(f"{path} has {size} bytes, a flash image has {wanted}: move it away to start afresh")


def flash_firmware(path: Path, firmware: Path) -> None:
    """What the workshop does with a new kiosk, and with one that shall have another firmware: the image into
    the first slot of `romfs`. A kiosk that was given this image before keeps what it has: it may have been
    updated.

    Raises BoardError when that file is no image.
    """
    content = firmware.read_bytes()
    given, digest = path.with_suffix(".given"), hashlib.sha256(content).hexdigest()
    if path.exists() and given.exists() and given.read_text() == digest:
        return
    try:
        made = image_file.flashed(content)
    except ImageError as error:
        raise BoardError(f"{firmware}: {error}") from None
    _write(path, made)
    given.write_text(digest)


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.rename(path)
