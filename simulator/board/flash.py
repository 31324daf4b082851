"""Flash images as files: one file a partition, byte for byte what the chip holds. The model itself runs in
the shim.
"""

from pathlib import Path
from typing import Final

PARTITION_BYTES: Final = 1024 * 1024
ERASED: Final = 0xFF


def ensure_images(*paths: Path) -> None:
    """`ensure_image` for each."""
    for path in paths:
        ensure_image(path)


def ensure_image(path: Path) -> None:
    """Make an erased image where there is none.

    Raises ValueError on a file of another size: it is no image of this board and must not be overwritten.
    """
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.write_bytes(bytes([ERASED]) * PARTITION_BYTES)
        fresh.rename(path)
    elif path.stat().st_size != PARTITION_BYTES:
        size = path.stat().st_size
        raise ValueError(
            f"{path} has {size} bytes, a flash image has {PARTITION_BYTES}: move it away to start afresh"
        )
