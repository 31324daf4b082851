"""What the host calls the desk's reader: a link that is called the same at every start."""

from pathlib import Path

LINK = "desk-reader"
_NAME_MAX = 200  # more a browser does not keep


def named(folder: Path, device: str) -> str:
    """The reader's name for the host; device: the tty of this start."""
    link = folder / LINK
    if not str(link).isascii() or len(str(link)) > _NAME_MAX:
        return f"tty:{device}"
    link.unlink(missing_ok=True)
    link.symlink_to(device)
    return f"tty:{link}"
